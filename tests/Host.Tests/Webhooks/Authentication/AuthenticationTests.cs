using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>The trigger's <c>auth</c> and <c>allow_ips</c>, over real HTTP: before any run exists.</summary>
public sealed class AuthenticationTests : IAsyncLifetime
{
    private const string Steps = "  - { key: ack, type: webhook_response, config: { status: 201, body: \"{{ trigger.output.headers }}\" } }";
    private const string Github = "auth: { type: github, secret: \"{{ secrets.github_key }}\" }";
    private const string Key = "auth: { type: key, header: X-Api-Key, secret: \"{{ secrets.token }}\" }";

    private readonly TestFolder _folder = new();
    private TestHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(
        _folder, ("Webhooks:TrustedProxies:0", "127.0.0.1"), ("Webhooks:MaxBodyBytes", "1000000"));

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_verified_request_starts_a_run()
    {
        await _host.PublishAsync("signed", Steps, Github);

        Assert.Equal(201, (await PostAsync("/hooks/signed", "{}", ("X-Hub-Signature-256", Sign("{}")))).Status);
        Assert.Empty(await RefusalsAsync("signed"));
    }

    [Fact]
    public async Task A_wrong_signature_is_401_starts_no_run_and_is_on_record_with_the_reason_that_the_caller_is_not_told()
    {
        await _host.PublishAsync("forged", Steps, Github);

        var answer = await PostAsync("/hooks/forged?token=secret", "{}", ("X-Hub-Signature-256", Sign("{ }")), ("X-Forwarded-For", "203.0.113.9"));

        answer.IsProblem(401, "unauthorized", hasRun: false);
        Assert.Equal(0, await _host.CountRunsAsync("forged"));
        var refusal = Assert.Single(await RefusalsAsync("forged"));
        Assert.Equal("wrong-signature", refusal.GetProperty("reason").GetString());
        Assert.Equal("/hooks/forged", refusal.GetProperty("path").GetString());
        Assert.Equal("203.0.113.9", refusal.GetProperty("remote_ip").GetString());
        Assert.Equal(1, refusal.GetProperty("count").GetInt64());
        Assert.DoesNotContain(refusal.GetProperty("detail").GetString()!, answer.Body, StringComparison.Ordinal);
        Assert.Contains("sluice_webhook_refusals_total{reason=\"wrong-signature\"} 1", (await _host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_in_the_body_is_verified_before_a_run_exists()
    {
        await _host.PublishAsync("mailgun", Steps, "auth: { type: mailgun, secret: \"{{ secrets.token }}\" }");
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

        (await PostAsync("/hooks/mailgun", Body("guessed"))).IsProblem(401, "unauthorized", hasRun: false);
        Assert.Equal(0, await _host.CountRunsAsync("mailgun"));
        Assert.Equal(201, (await PostAsync("/hooks/mailgun", Body("hush-hush-9000"))).Status);

        string Body(string secret)
        {
            var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}a-token")));
            return $$"""{"signature":{"timestamp":"{{time}}","token":"a-token","signature":"{{signature}}"},"event-data":{} }""";
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task No_method_and_no_spelling_of_the_path_goes_past_it(string method)
    {
        await _host.PublishAsync("every", Steps, $"methods: [GET, HEAD, POST, PUT, DELETE], {Key}");

        foreach (var path in (string[])["/hooks/every", "/hooks/every/", "/hooks/every?x=1", "/hooks/%65very"])
        {
            var answer = await _host.SendAsync(HttpMethod.Parse(method), path);
            Assert.True(answer.Status is 401, $"{method} {path} was answered {answer.Status}.");
        }

        Assert.Equal(0, await _host.CountRunsAsync("every"));
    }

    [Fact]
    public async Task A_key_is_masked_in_what_the_run_reads_and_keeps()
    {
        await _host.PublishAsync("masked", Steps, Key);

        var answer = await PostAsync("/hooks/masked", "{}", ("X-Api-Key", "hush-hush-9000"));

        Assert.Equal(201, answer.Status);
        Assert.Equal("***", answer.Json.GetProperty("x-api-key").GetString());
        await _host.EndOfAsync(answer);
        Assert.DoesNotContain("hush-hush-9000", (await _host.GetAsync($"/api/runs/{answer.RunId}")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush-9000", Encoding.Latin1.GetString(await ReadSharedAsync(Path.Combine(_folder.Data, "sluice.db-wal"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Basic_says_that_it_wants_a_name_and_a_password()
    {
        await _host.PublishAsync("basic", Steps, "auth: { type: basic, users: { ada: \"{{ secrets.token }}\" } }");

        var refused = await PostAsync("/hooks/basic", "{}");
        var taken = await PostAsync("/hooks/basic", "{}", ("Authorization", $"Basic {Convert.ToBase64String("ada:hush-hush-9000"u8)}"));

        Assert.Equal((401, "Basic realm=\"basic\", charset=\"UTF-8\""), (refused.Status, refused.Header("WWW-Authenticate")));
        Assert.Equal((201, "***"), (taken.Status, taken.Json.GetProperty("authorization").GetString()));
    }

    [Fact]
    public async Task Who_brings_nothing_is_refused_before_the_body_is_read()
    {
        await _host.PublishAsync("early", Steps, Github);

        // The body that is announced never comes.
        var answer = await _host.SendRawAsync("POST /hooks/early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slack_gets_its_challenge_back_and_no_run_begins()
    {
        await _host.PublishAsync("slack", Steps, "auth: { type: slack, secret: \"{{ secrets.token }}\" }");
        const string body = """{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}""";
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signature = $"v0={Convert.ToHexStringLower(HMACSHA256.HashData("hush-hush-9000"u8, Encoding.UTF8.GetBytes($"v0:{time}:{body}")))}";

        var answer = await PostAsync("/hooks/slack", body, ("X-Slack-Request-Timestamp", $"{time}"), ("X-Slack-Signature", signature));

        Assert.Equal((200, "3eZbrw1aBm2rZgRNFdxV", "text/plain; charset=utf-8"), (answer.Status, answer.Body, answer.Header("Content-Type")));
        Assert.Equal(0, await _host.CountRunsAsync("slack"));
    }

    [Theory]
    [InlineData("203.0.113.9", 201)]
    [InlineData("evil, 203.0.113.9", 201)]
    [InlineData("203.0.113.9, 127.0.0.1", 201)]
    [InlineData("203.0.113.9, 198.51.100.7", 403)]
    [InlineData("198.51.100.7", 403)]
    [InlineData("unknown", 403)]
    [InlineData(null, 403)]
    public async Task An_allow_list_judges_the_address_that_the_trusted_proxy_saw(string? forwarded, int status)
    {
        await _host.PublishAsync("listed", Steps, "allow_ips: [203.0.113.0/24, 2001:db8::1]");

        var answer = forwarded is null ? await PostAsync("/hooks/listed", "{}") : await PostAsync("/hooks/listed", "{}", ("X-Forwarded-For", forwarded));

        Assert.Equal(status, answer.Status);
        if (status == 403)
        {
            answer.IsProblem(403, "forbidden", hasRun: false);
            Assert.Equal("address-not-allowed", Assert.Single(await RefusalsAsync("listed")).GetProperty("reason").GetString());
        }
    }

    [Fact]
    public async Task The_address_that_a_run_reads_is_the_one_that_was_judged()
    {
        await _host.PublishAsync("address", "  - { key: ack, type: webhook_response, config: { body: \"{{ trigger.output.remote_ip }}\" } }");

        Assert.Equal("203.0.113.9", (await PostAsync("/hooks/address", "{}", ("X-Forwarded-For", "198.51.100.7, 203.0.113.9"))).Body);
    }

    [Fact]
    public async Task A_secret_that_does_not_exist_keeps_the_workflow_from_going_live()
    {
        var answer = await _host.SendAsync(
            HttpMethod.Put,
            "/api/workflows/no-secret",
            "name: no-secret\ntrigger: { type: webhook, config: { path: /no-secret, auth: { type: github, secret: \"{{ secrets.nobody }}\" } } }\nsteps: [ { key: a, type: stop } ]");

        Assert.Equal(422, answer.Status);
        Assert.Equal("unknown-secret", answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Pages_of_refusals_go_on_below_the_last_one()
    {
        await _host.PublishAsync("pages", Steps, Key);
        await PostAsync("/hooks/pages", "{}");
        await RefusalsAsync("pages");
        await PostAsync("/hooks/pages", "{}", ("X-Api-Key", "wrong"));
        var first = Assert.Single((await _host.GetAsync("/api/refusals?workflow=pages&limit=1")).Json.EnumerateArray());

        var second = Assert.Single((await _host.GetAsync($"/api/refusals?workflow=pages&before={first.GetProperty("id")}")).Json.EnumerateArray());

        Assert.Equal(("wrong-credentials", "missing-credentials"), (first.GetProperty("reason").GetString(), second.GetProperty("reason").GetString()));
        (await _host.GetAsync("/api/refusals?before=x")).IsProblem(400, "bad-query", hasRun: false);
        (await _host.GetAsync("/api/refusals?limit=0")).IsProblem(400, "bad-query", hasRun: false);
    }

    private static string Sign(string body) => $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("example-github-key"u8, Encoding.UTF8.GetBytes(body)))}";

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return bytes;
    }

    private async Task<System.Text.Json.JsonElement[]> RefusalsAsync(string workflow) => [.. (await _host.GetAsync($"/api/refusals?workflow={workflow}")).Json.EnumerateArray()];

    private async Task<Received> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, null, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _host.SendAsync(request);
    }
}
