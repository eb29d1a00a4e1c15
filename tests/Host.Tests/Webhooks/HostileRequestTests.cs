using System.Text;
using System.Text.Json;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Requests that mean harm: each gets a 4xx, never a 5xx, and starts no run.</summary>
public sealed class HostileRequestTests(SharedHost shared)
{
    private const string Echo = """  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.body }}" } }""";

    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{'a':1}")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1}//")]
    [InlineData("NaN")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\udfff\":1}")]
    [InlineData("\"\u0001\"")]
    public async Task A_body_that_is_not_json_is_refused(string body)
    {
        var name = await PublishAsync(Echo);

        var answer = await Host.PostAsync($"/hooks/{name}", body);

        if (body.Length == 0)
        {
            // No body at all is no lie about its type: it reads as null.
            Assert.Equal((200, ""), (answer.Status, answer.Body));
            return;
        }

        answer.IsProblem(400, "not-parsable", hasRun: false);
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData("application/json", new byte[] { 0x22, 0xC3, 0x28, 0x22 })]
    [InlineData("application/json", new byte[] { 0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00 })]
    [InlineData("text/plain", new byte[] { 0xC3, 0x28 })]
    [InlineData("application/x-www-form-urlencoded", new byte[] { 0x61, 0x3D, 0xFF })]
    public async Task Bytes_that_are_not_utf_8_are_refused(string contentType, byte[] body)
    {
        var name = await PublishAsync(Echo);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        (await Host.SendAsync(request)).IsProblem(400, "not-parsable", hasRun: false);

        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData(49)]
    [InlineData(100_000)]
    public async Task Json_that_is_nested_too_deep_is_refused(int depth)
    {
        var name = await PublishAsync(Echo);

        var answer = await Host.PostAsync($"/hooks/{name}", $"{new string('[', depth)}{new string(']', depth)}");

        answer.IsProblem(400, "not-parsable", hasRun: false);
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData("{{ trigger.output.body }}")]
    [InlineData("{{ trigger.output }}")]
    [InlineData("{{ trigger }}")]
    [InlineData("{{ json(to_json(trigger.output.body)) }}")]
    public async Task However_deep_a_body_is_that_was_taken_a_workflow_can_read_it(string expression)
    {
        var name = await PublishAsync($$$"""
              - { key: kept, type: set, config: { values: { all: "{{{expression}}}" } } }
              - { key: answer, type: webhook_response, config: { body: { kept: "{{ kept.output }}" } } }
            """);
        for (var depth = 64; depth >= 32; depth -= 4)
        {
            var answer = await Host.PostAsync($"/hooks/{name}", $"{new string('[', depth)}{new string(']', depth)}");
            Assert.Equal(depth <= 48 ? 200 : 400, answer.Status);
            if (answer.RunId is not null)
            {
                Assert.Equal("succeeded", (await Host.EndOfAsync(answer)).Status());
            }
        }
    }

    [Fact]
    public async Task A_body_whose_length_says_too_much_is_refused_before_it_is_read()
    {
        var name = await PublishAsync(Echo);

        var answer = await Host.SendRawAsync(
            $"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\nConnection: close\r\n\r\n[");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:sluice:problem:too-large", answer, StringComparison.Ordinal);
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_chunked_body_of_100_MB_is_refused_once_it_is_too_large()
    {
        var name = await PublishAsync(Echo);
        var body = new EndlessContent(100_000_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = body };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = false;

        // The host answers and stops reading; the client may notice either first.
        try
        {
            (await Host.SendAsync(request)).IsProblem(413, "too-large", hasRun: false);
        }
        catch (HttpRequestException cut)
        {
            Assert.IsType<IOException>(cut.InnerException, exactMatch: false);
        }

        Assert.True(body.Written < 100_000_000, "The host read all of it.");
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData("a\r\nX-Forged: yes")]
    [InlineData("a\nX-Forged: yes")]
    [InlineData("a\0b")]
    [InlineData("grün")]
    public async Task A_header_value_out_of_an_expression_can_not_forge_a_header(string value)
    {
        var name = await PublishAsync("""  - { key: answer, type: webhook_response, config: { headers: { X-Given: "{{ trigger.output.body.value }}" } } }""");

        var answer = await Host.PostAsync($"/hooks/{name}", JsonSerializer.Serialize(new { value }));

        answer.IsProblem(422, "unusable-request", hasRun: true);
        Assert.Null(answer.Header("X-Forged"));
        Assert.Null(answer.Header("X-Given"));
        var error = (await Host.EndOfAsync(answer)).Step("answer").GetProperty("error");
        Assert.Equal("request", error.GetProperty("kind").GetString());
        Assert.Contains("X-Given", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\r\nX-Forged: yes")]
    [InlineData("a\nb")]
    public async Task A_line_break_of_the_request_in_a_header_of_a_call_is_the_requests_fault(string value)
    {
        var name = await PublishAsync("""
              - { key: kept, type: set, config: { values: { given: "{{ trigger.output.body.value }}" } } }
              - { key: call, type: http, config: { url: "http://127.0.0.1:9/", headers: { X-Given: "{{ kept.output.given }}" } } }
              - { key: answer, type: webhook_response, config: { body: fine } }
            """);

        var answer = await Host.PostAsync($"/hooks/{name}", JsonSerializer.Serialize(new { value }));

        answer.IsProblem(422, "unusable-request", hasRun: true);
        Assert.Equal("request", (await Host.EndOfAsync(answer)).Step("call").GetProperty("error").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("{{ trigger.output.body.text.repeat(9000000) }}", 422, "unusable-request")]
    [InlineData("{{ 'a'.repeat(9000000) + run.id }}", 500, "run-failed")]
    [InlineData("{{ trigger.output.body.missing.repeat(2) }}", 500, "run-failed")]
    public async Task A_limit_that_an_expression_hits_is_the_requests_fault_only_if_it_reads_the_request(string expression, int status, string type)
    {
        var name = await PublishAsync($$"""  - { key: answer, type: webhook_response, config: { body: "{{expression}}" } }""");

        (await Host.PostAsync($"/hooks/{name}", """{"text":"a"}""")).IsProblem(status, type, hasRun: true);
    }

    [Fact]
    public async Task An_upstreams_answer_that_makes_the_reply_impossible_is_not_the_requests_fault()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Http:AllowPrivate", "true"));
        var deep = new string('[', 60) + new string(']', 60);
        await host.PublishAsync("upstream", $"  - {{ key: answer, type: webhook_response, config: {{ body: \"{deep}\", body_type: raw, content_type: application/json }} }}", "methods: [GET]");
        await host.PublishAsync("caller", $$$"""
              - { key: call, type: http, config: { url: "{{{host.Address}}}/hooks/upstream" } }
              - { key: answer, type: webhook_response, config: { headers: { X-Given: "{{ trigger.output.body.value }}" }, body: { a: { b: { c: { d: "{{ call.output.body }}" } } } } } }
            """);

        var answer = await host.PostAsync("/hooks/caller", """{"value":"fine"}""");

        answer.IsProblem(500, "run-failed", hasRun: true);
        Assert.Equal("config", (await host.EndOfAsync(answer)).Step("answer").GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_config_that_both_the_request_and_an_upstream_make_wrong_is_not_the_requests_fault()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Http:AllowPrivate", "true"));
        await host.PublishAsync("number", "  - { key: answer, type: webhook_response, config: { body: { value: 5 } } }", "methods: [GET]");
        await host.PublishAsync("both", $$$"""
              - { key: call, type: http, config: { url: "{{{host.Address}}}/hooks/number" } }
              - { key: answer, type: webhook_response, config: { content_type: "{{ trigger.output.body.value }}", redirect: "{{ call.output.body.value }}" } }
            """);

        (await host.PostAsync("/hooks/both", """{"value":7}""")).IsProblem(500, "run-failed", hasRun: true);
    }

    [Theory]
    [InlineData("content-length: 5")]
    [InlineData("transfer-encoding: chunked")]
    [InlineData("connection: upgrade")]
    [InlineData("sluice-run-id: mine")]
    [InlineData("\"bad name\": a")]
    public async Task A_header_that_no_reply_may_set_fails_the_step(string header)
    {
        var name = await PublishAsync($"  - {{ key: answer, type: webhook_response, config: {{ headers: {{ {header} }} }} }}");

        var answer = await Host.PostAsync($"/hooks/{name}");

        answer.IsProblem(500, "run-failed", hasRun: true);
        Assert.Equal("config", (await Host.EndOfAsync(answer)).GetProperty("error").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("/hooks/files/../files/a")]
    [InlineData("/hooks/files/..")]
    [InlineData("/hooks/files/%2e%2e")]
    [InlineData("/hooks/files/%2E%2E/a")]
    [InlineData("/hooks/files/..%2fa")]
    [InlineData("/hooks/files/..%5ca")]
    [InlineData("/hooks/files//a")]
    [InlineData("/hooks/files/./a")]
    [InlineData("/hooks/files/%00")]
    [InlineData("/hooks/files/%0d%0aX")]
    [InlineData("/hooks/files/%ff")]
    [InlineData("/hooks/files/%")]
    [InlineData("/hooks/files/%zz")]
    [InlineData("/hooks//files/a")]
    [InlineData("/hooksfiles/a")]
    [InlineData("/HOOKS/files/a")]
    [InlineData("/hooks")]
    [InlineData("/hooks/")]
    public async Task A_path_that_could_mean_another_place_is_refused(string target)
    {
        await Host.PutAsync("files", $"name: files\ntrigger: {{ type: webhook, config: {{ path: \"/files/{{name}}\" }} }}\nsteps:\n{Echo}\n");

        var answer = await Host.SendRawAsync(Request("POST", target));

        Assert.Matches("^HTTP/1.1 4(00|04) ", answer);
        Assert.DoesNotContain("Sluice-Run-Id", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/hooks/params/a%2Fb", "a/b")]
    [InlineData("/hooks/params/a%20b%C3%BC", "a bü")]
    [InlineData("/%68ooks/params/a", "a")]
    [InlineData("http://localhost/hooks/params/a?x=1", "a")]
    [InlineData("/hooks/params/a/", "a")]
    public async Task A_parameter_is_decoded_once_and_a_slash_in_it_stays_in_it(string target, string expected)
    {
        await Host.PutAsync("params", """
            name: params
            trigger: { type: webhook, config: { path: "/params/{name}" } }
            steps:
              - { key: answer, type: webhook_response, config: { body: ["{{ trigger.output.params.name }}"] } }
            """);

        var answer = await Host.SendRawAsync(Request("POST", target));

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith(JsonSerializer.Serialize(new[] { expected }, RunJson.Plain), Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(answer)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n")]
    [InlineData("\0\u0001\u0002\r\n\r\n")]
    [InlineData("POST /hooks/x HTTP/9.9\r\n\r\n")]
    [InlineData("POST /hooks/x HTTP/1.1\r\n\r\n")]
    [InlineData("POST /hooks/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("POST /hooks/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /hooks/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("POST /hooks/x HTTP/1.1\r\nHost: a\r\nBad Name: a\r\n\r\n")]
    [InlineData("POST /hooks/\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("CONNECT hooks:80 HTTP/1.1\r\nHost: hooks:80\r\n\r\n")]
    [InlineData("POST /hooks/x HTTP/1.1\r\nHost: a\r\nX-Bytes: \u00ff\u00fe\r\nConnection: close\r\n\r\n")]
    public async Task Garbage_on_the_wire_gets_a_4xx(string request)
    {
        var answer = await Host.SendRawAsync(request);

        Assert.Matches("^(HTTP/1.1 (4..|505) |$)", answer);
        Assert.Equal(200, (await Host.GetAsync("/healthz")).Status);
    }

    [Theory]
    [InlineData("zz\r\n[]\r\n0\r\n\r\n")]
    [InlineData("80000000\r\n[]\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffffffff\r\n[]\r\n0\r\n\r\n")]
    [InlineData("-1\r\n[]\r\n0\r\n\r\n")]
    [InlineData("2\r\n[]0\r\n\r\n")]
    [InlineData("2\r\n[]\r\n0\r\nX: a\0b\r\n\r\n")]
    public async Task A_chunked_body_that_is_broken_is_a_bad_request_and_no_run(string chunks)
    {
        var name = await PublishAsync(Echo);

        var answer = await Host.SendRawAsync(
            $"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunks}");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:sluice:problem:broken-request", answer, StringComparison.Ordinal);
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_body_that_stops_coming_is_given_up_after_some_seconds()
    {
        var name = await PublishAsync(Echo);

        var answer = await Host.SendRawAsync($"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n[");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:sluice:problem:too-slow", answer, StringComparison.Ordinal);
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_body_that_breaks_off_starts_no_run()
    {
        var name = await PublishAsync(Echo);

        await Host.SendRawAsync($"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\nConnection: close\r\n\r\n[", hangUp: true);

        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_query_full_of_strange_names_is_data()
    {
        var name = await PublishAsync("""  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.query }}" } }""");

        var answer = await Host.SendRawAsync(Request("POST", $"/hooks/{name}?__proto__=1&a=%ff&a=2&=x&%22%5C=q&b"));

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        var query = JsonElement.Parse(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])));
        Assert.Equal("1", query.GetProperty("__proto__").GetString());
        Assert.Equal("2", query.GetProperty("a")[1].GetString());
        Assert.Equal("q", query.GetProperty("\"\\").GetString());
    }

    [Fact]
    public async Task Names_of_the_query_that_differ_in_case_are_two_names()
    {
        var name = await PublishAsync("""  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.query }}" } }""");

        var answer = await Host.PostAsync($"/hooks/{name}?tenant=a&Tenant=b");

        Assert.Equal("""{"tenant":"a","Tenant":"b"}""", answer.Body);
    }

    private static string Request(string method, string target) =>
        $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}";

    private async Task<string> PublishAsync(string steps)
    {
        var name = $"hostile-{Guid.NewGuid():N}";
        await Host.PublishAsync(name, steps);
        return name;
    }

    /// <summary>A long body out of one small buffer.</summary>
    private sealed class EndlessContent(long length) : HttpContent
    {
        private static readonly byte[] Piece = new byte[64 * 1024];

        public long Written { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            while (Written < length)
            {
                await stream.WriteAsync(Piece);
                Written += Piece.Length;
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }
}
