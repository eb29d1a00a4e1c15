namespace Sluice.Host.Tests.Webhooks;

/// <summary>What keeps a browser from running what a reply holds.</summary>
public sealed class BrowserPolicyTests(SharedHost shared)
{
    private const string Csp = "Content-Security-Policy";

    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("body: <p>, body_type: html")]
    [InlineData("body: <p>, content_type: TEXT/HTML")]
    [InlineData("body: <svg/>, content_type: image/svg+xml")]
    [InlineData("body: <r/>, content_type: application/xml")]
    [InlineData("body: <r/>, content_type: text/xml; charset=utf-8")]
    [InlineData("body: <r/>, content_type: application/xhtml+xml")]
    [InlineData("body: <r/>, content_type: application/atom+xml")]
    [InlineData("body: <r/>, headers: { content-type: text/html }")]
    [InlineData("body: <r/>, content_type: \"text/plain, text/html\"")]
    [InlineData("body: <r/>, content_type: multipart/x-mixed-replace;boundary=b")]
    public async Task A_body_that_a_browser_would_run_is_sent_with_a_sandbox(string config) =>
        Assert.Equal("sandbox", (await ReplyAsync(config)).Header(Csp));

    [Theory]
    [InlineData("body: { a: 1 }")]
    [InlineData("body: <p>")]
    [InlineData("status: 204")]
    [InlineData("body: aWQ=, body_type: base64")]
    public async Task Any_other_body_is_sent_without_one_but_never_sniffed(string config)
    {
        var answer = await ReplyAsync(config);

        Assert.Equal((null, "nosniff"), (answer.Header(Csp), answer.Header("X-Content-Type-Options")));
    }

    [Fact]
    public async Task A_step_can_do_without_the_sandbox_and_not_without_the_other() =>
        Assert.Equal((null, "nosniff"), Policies(await ReplyAsync("body: <p>, body_type: html, sandbox: false, headers: { x-content-type-options: none }")));

    [Fact]
    public async Task A_policy_of_the_step_s_own_is_enforced_beside_the_sandbox_and_alone_without_it()
    {
        const string own = "headers: { Content-Security-Policy: sandbox allow-scripts }";

        Assert.Equal("sandbox allow-scripts, sandbox", (await ReplyAsync($"body: <p>, body_type: html, {own}")).Header(Csp));
        Assert.Equal("sandbox allow-scripts", (await ReplyAsync($"body: <p>, body_type: html, sandbox: false, {own}")).Header(Csp));
    }

    [Fact]
    public async Task The_same_holds_for_a_file_a_repeat_and_a_status()
    {
        await Host.PublishAsync("pages", """
              - key: answer
                type: webhook_response
                config: { body: "{{ trigger.output.files.page }}", body_type: blob, content_type: text/html, sandbox: "{{ trigger.output.query.sandbox != 'off' }}" }
            """);

        foreach (var (query, expected) in new[] { ("", (string?)"sandbox"), ("?sandbox=off", null) })
        {
            var first = await UploadAsync(query, "Idempotency-Key", $"\"pages{query}\"");
            var again = await UploadAsync(query, "Idempotency-Key", $"\"pages{query}\"");
            var deferred = await UploadAsync(query, "Prefer", "respond-async");
            await Host.EndOfAsync(deferred);
            var status = await Host.GetAsync(deferred.Header("Location")!);

            Assert.Equal((200, "<script>"), (first.Status, first.Body));
            Assert.Equal((expected, "nosniff"), Policies(first));
            Assert.Equal(("true", (expected, "nosniff")), (again.Header("Idempotent-Replayed"), Policies(again)));
            Assert.Equal((200, "<script>", (expected, "nosniff")), (status.Status, status.Body, Policies(status)));
        }
    }

    [Fact]
    public async Task Problems_and_acknowledgements_are_not_sniffed_either()
    {
        await Host.PublishAsync("acknowledged", "  - { key: nothing, type: set, config: { values: {} } }");

        Assert.Equal("nosniff", (await Host.PostAsync("/hooks/acknowledged")).Header("X-Content-Type-Options"));
        Assert.Equal("nosniff", (await Host.PostAsync("/hooks/acknowledged", "{")).Header("X-Content-Type-Options"));
        Assert.Equal("nosniff", (await Host.GetAsync("/api/runs")).Header("X-Content-Type-Options"));
    }

    private static (string?, string?) Policies(Received answer) => (answer.Header(Csp), answer.Header("X-Content-Type-Options"));

    private async Task<Received> ReplyAsync(string config)
    {
        await Host.PublishAsync("browsed", $"  - {{ key: answer, type: webhook_response, config: {{ {config} }} }}");
        return await Host.PostAsync("/hooks/browsed");
    }

    private Task<Received> UploadAsync(string query, string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/pages{query}")
        {
            Content = new MultipartFormDataContent("boundary") { { new StringContent("<script>"), "page", "page.html" } },
        };
        request.Headers.TryAddWithoutValidation(header, value);
        return Host.SendAsync(request);
    }
}
