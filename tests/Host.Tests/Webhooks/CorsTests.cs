using System.Net.Http.Headers;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>What browsers are told of who may call a webhook (Fetch standard, section 3.3).</summary>
public sealed class CorsTests(SharedHost shared)
{
    private const string Reply = """  - { key: answer, type: webhook_response, config: { body: { ok: true }, headers: { Vary: Accept, Access-Control-Allow-Origin: "https://evil.example" } } }""";
    private const string Shop = "https://shop.example";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_preflight_is_answered_without_a_run()
    {
        var name = await PublishAsync("methods: [GET, POST], cors: { origins: [\"https://shop.example\"], headers: [Content-Type, X-Token], max_age: 10m }");

        var answer = await PreflightAsync(name, Shop, "POST", "x-token");

        Assert.Equal((204, ""), (answer.Status, answer.Body));
        Assert.Equal(Shop, answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("GET,POST", answer.Header("Access-Control-Allow-Methods"));
        Assert.Equal("Content-Type,X-Token", answer.Header("Access-Control-Allow-Headers"));
        Assert.Equal("600", answer.Header("Access-Control-Max-Age"));
        Assert.Equal("Origin", answer.Header("Vary"));
        Assert.Null(answer.Header("Access-Control-Allow-Credentials"));
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData("https://evil.example", "POST")]
    [InlineData("https://shop.example.evil.example", "POST")]
    [InlineData("http://shop.example", "POST")]
    [InlineData("null", "POST")]
    public async Task An_origin_that_is_not_allowed_is_told_nothing_that_would_let_it_in(string origin, string method)
    {
        var name = await PublishAsync("cors: { origins: \"https://shop.example\" }");

        var preflight = await PreflightAsync(name, origin, method);
        var answer = await SendAsync(HttpMethod.Post, name, origin);

        Assert.Equal((204, 200), (preflight.Status, answer.Status));
        Assert.DoesNotContain(preflight.Headers.Keys, header => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("Origin", preflight.Header("Vary"));
        Assert.NotEqual(origin, answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("Origin, Accept", answer.Header("Vary"));
    }

    [Fact]
    public async Task An_answer_says_who_may_read_it_once_whatever_the_workflow_says()
    {
        var name = await PublishAsync("cors: { origins: [\"https://shop.example\", \"https://b.example\"], expose: [Sluice-Run-Id], credentials: true }");

        var answer = await SendAsync(HttpMethod.Post, name, Shop);

        Assert.Equal((200, """{"ok":true}"""), (answer.Status, answer.Body));
        Assert.Equal(Shop, answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", answer.Header("Access-Control-Allow-Credentials"));
        Assert.Equal("Sluice-Run-Id", answer.Header("Access-Control-Expose-Headers"));
        Assert.Equal("Origin, Accept", answer.Header("Vary"));
    }

    [Fact]
    public async Task A_refusal_can_be_read_by_the_page_that_is_allowed()
    {
        var name = await PublishAsync("cors: { origins: \"*\" }");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new StringContent("{", MediaTypeHeaderValue.Parse("application/json")) };
        request.Headers.TryAddWithoutValidation("Origin", Shop);

        var answer = await Host.SendAsync(request);

        answer.IsProblem(400, "not-parsable", hasRun: false);
        Assert.Equal("*", answer.Header("Access-Control-Allow-Origin"));
        Assert.Null(answer.Header("Vary"));
    }

    [Fact]
    public async Task An_answer_to_a_request_without_an_origin_says_that_others_may_differ()
    {
        var name = await PublishAsync("cors: { origins: \"https://shop.example\" }");

        Assert.Equal("Origin, Accept", (await Host.PostAsync($"/hooks/{name}")).Header("Vary"));
    }

    [Fact]
    public async Task The_workflow_that_is_asked_for_decides_not_the_one_that_takes_options()
    {
        var name = await PublishAsync("methods: [POST], cors: { origins: \"*\" }");
        await Host.PutAsync($"{name}-own", $"name: {name}-own\ntrigger: {{ type: webhook, config: {{ path: /{name}, methods: [OPTIONS, PUT] }} }}\nsteps:\n{Reply}\n");

        Assert.Equal((204, "*"), Told(await PreflightAsync(name, Shop, "POST")));
        Assert.Equal((200, "https://evil.example"), Told(await PreflightAsync(name, Shop, "PUT")));

        static (int, string?) Told(Received answer) => (answer.Status, answer.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_cors_a_preflight_is_no_more_than_a_question_for_the_methods()
    {
        var name = await PublishAsync("methods: [POST]");

        var answer = await PreflightAsync(name, Shop, "POST");

        Assert.Equal((204, "POST, OPTIONS"), (answer.Status, answer.Header("Allow")));
        Assert.DoesNotContain(answer.Headers.Keys, header => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private async Task<string> PublishAsync(string trigger)
    {
        var name = $"cors-{Guid.NewGuid():N}"[..16];
        await Host.PublishAsync(name, Reply, trigger);
        return name;
    }

    private Task<Received> SendAsync(HttpMethod method, string name, string origin)
    {
        var request = new HttpRequestMessage(method, $"/hooks/{name}");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        return Host.SendAsync(request);
    }

    private Task<Received> PreflightAsync(string name, string origin, string method, string headers = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Options, $"/hooks/{name}");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", method);
        if (headers.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", headers);
        }

        return Host.SendAsync(request);
    }
}
