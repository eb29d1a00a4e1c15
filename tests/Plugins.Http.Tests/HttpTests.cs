using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Http.Tests;

public sealed class HttpTests
{
    [Fact]
    public async Task Status_headers_and_body_of_the_response_are_the_output()
    {
        var outcome = await RunAsync("""{"url":"https://a.example/x"}""", _ => Json(HttpStatusCode.Created, """{"id":42}""", ("X-Rate", "9"), ("Link", "</1>"), ("Link", "</2>")));

        var output = outcome.Output!.Value;
        Assert.Equal(201, output.GetProperty("status").GetInt32());
        Assert.Equal("""{"id":42}""", output.GetProperty("body").GetRawText());
        Assert.Equal("9", output.GetProperty("headers").GetProperty("x-rate").GetString());
        Assert.Equal("</1>, </2>", output.GetProperty("headers").GetProperty("link").GetString());
        Assert.Equal("application/json", output.GetProperty("headers").GetProperty("content-type").GetString());
    }

    [Theory]
    [InlineData("application/json", """{"a":1}""", """{"a":1}""")]
    [InlineData("application/problem+json; charset=utf-8", "[1]", "[1]")]
    [InlineData("application/json", "\ufeff[1]", "[1]")]
    [InlineData("application/json", "not json", "\"not json\"")]
    [InlineData("application/json", """{"a":"\ud800"}""", "\"{\\u0022a\\u0022:\\u0022\\\\ud800\\u0022}\"")]
    [InlineData("text/plain", """{"a":1}""", "\"{\\u0022a\\u0022:1}\"")]
    [InlineData("text/html; charset=nonsense", "<p>", "\"\\u003Cp\\u003E\"")]
    [InlineData("application/json", "", "null")]
    public async Task A_body_is_json_where_its_type_says_so_and_it_is_and_else_text(string type, string body, string value)
    {
        var outcome = await RunAsync("""{"url":"https://a.example"}""", _ => Content(body, type));

        Assert.Equal(
            JsonElement.Parse(value).ToString(),
            outcome.Output!.Value.GetProperty("body").ToString());
    }

    [Fact]
    public async Task A_text_is_read_in_its_charset()
    {
        var latin1 = new ByteArrayContent([0x67, 0x72, 0xfc, 0xdf]) { Headers = { { "Content-Type", "text/plain; charset=iso-8859-1" } } };

        var outcome = await RunAsync("""{"url":"https://a.example"}""", _ => new HttpResponseMessage { Content = latin1 });

        Assert.Equal("grüß", outcome.Output!.Value.GetProperty("body").GetString());
    }

    [Fact]
    public async Task A_body_of_more_than_10_MB_is_refused_although_its_length_was_not_announced()
    {
        var content = new StreamContent(new MemoryStream(new byte[10_000_001]));
        content.Headers.ContentLength = null;

        var outcome = await RunAsync("""{"url":"https://a.example"}""", _ => new HttpResponseMessage { Content = content });

        Assert.Contains("more than 10 MB", outcome.Failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"body":{"a":[1,2.50]}}""", "application/json", """{"a":[1,2.50]}""")]
    [InlineData("""{"body":"text"}""", "text/plain; charset=utf-8", "text")]
    [InlineData("""{"body":"<a/>","headers":{"content-type":"application/xml"}}""", "application/xml", "<a/>")]
    [InlineData("""{"form":{"a":"1 2","b":"ü"}}""", "application/x-www-form-urlencoded", "a=1+2&b=%C3%BC")]
    public async Task A_body_is_sent_with_its_type(string config, string type, string sent)
    {
        var request = await SentAsync(config.Insert(1, "\"method\":\"post\",\"url\":\"https://a.example\","));

        Assert.Equal(("POST", type, sent), (request.Method, request.Headers["Content-Type"], request.Body));
    }

    [Fact]
    public async Task The_query_is_added_to_the_address_and_encoded()
    {
        var request = await SentAsync("""{"url":"https://a.example/x?k=v#part","query":{"q":"a&b","n":2,"t":["x","y"],"none":null,"yes":true}}""");

        Assert.Equal("https://a.example/x?k=v&q=a%26b&n=2&t=x&t=y&yes=true", request.Address.AbsoluteUri);
    }

    [Fact]
    public async Task The_idempotency_key_of_the_step_is_sent_unless_another_is_given()
    {
        Assert.Equal("run-1:step", (await SentAsync("""{"url":"https://a.example"}""")).Headers["Idempotency-Key"]);
        Assert.Equal("mine", (await SentAsync("""{"url":"https://a.example","headers":{"idempotency-key":"mine"}}""")).Headers["Idempotency-Key"]);
    }

    [Theory]
    [InlineData(404, FailureKind.Refused, false)]
    [InlineData(302, FailureKind.Refused, false)]
    [InlineData(429, FailureKind.Unavailable, true)]
    [InlineData(408, FailureKind.Unavailable, true)]
    [InlineData(500, FailureKind.Unavailable, true)]
    [InlineData(503, FailureKind.Unavailable, true)]
    public async Task A_status_that_is_not_expected_fails_and_may_be_retried_where_it_is_for_now(int status, string kind, bool retryable)
    {
        var outcome = await RunAsync("""{"url":"https://a.example/x?token=hunter2"}""", _ => new HttpResponseMessage((HttpStatusCode)status));

        Assert.Equal((kind, retryable), (outcome.Failure?.Kind, outcome.Failure?.Retryable));
        Assert.StartsWith($"GET https://a.example/x returned {status} ", outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", outcome.Failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404", 404, true)]
    [InlineData("404", 200, false)]
    [InlineData("\"4xx\"", 499, true)]
    [InlineData("\"200-204\"", 204, true)]
    [InlineData("\"200-204\"", 205, false)]
    [InlineData("""["2xx",404]""", 404, true)]
    [InlineData("""["2xx",404]""", 299, true)]
    [InlineData("""["2xx",404]""", 300, false)]
    public async Task The_expected_statuses_can_be_one_a_class_a_range_or_a_list(string expected, int status, bool succeeds)
    {
        var outcome = await RunAsync($$"""{"url":"https://a.example","expect_status":{{expected}}}""", _ => new HttpResponseMessage((HttpStatusCode)status));

        Assert.Equal(succeeds, outcome.Failure is null);
    }

    [Theory]
    [InlineData("""{"url":"a.example"}""", "url")]
    [InlineData("""{"url":"ftp://a.example"}""", "url")]
    [InlineData("""{"url":"file:///etc/passwd"}""", "url")]
    [InlineData("""{"url":"https://user:hunter2@a.example"}""", "url")]
    [InlineData("""{"url":"https://a.example","method":"GET /"}""", "method")]
    [InlineData("""{"url":"https://a.example","headers":{"X A":"1"}}""", "headers.X A")]
    [InlineData("""{"url":"https://a.example","headers":{"X-A":"1\r\nX-B: hunter2"}}""", "headers.X-A")]
    [InlineData("""{"url":"https://a.example","headers":{"X-A":"grün"}}""", "headers.X-A")]
    [InlineData("""{"url":"https://a.example","headers":{"host":"b.example"}}""", "headers.host")]
    [InlineData("""{"url":"https://a.example","query":{"a":{"b":1}}}""", "query.a")]
    [InlineData("""{"url":"https://a.example","body":1,"form":{}}""", "form")]
    [InlineData("""{"url":"https://a.example","timeout":"0s"}""", "timeout")]
    [InlineData("""{"url":"https://a.example","timeout":"11m"}""", "timeout")]
    [InlineData("""{"url":"https://a.example","timeout":"soon"}""", "timeout")]
    [InlineData("""{"url":"https://a.example","expect_status":[]}""", "expect_status")]
    [InlineData("""{"url":"https://a.example","expect_status":"ok"}""", "expect_status")]
    [InlineData("""{"url":"https://a.example","expect_status":"299-200"}""", "expect_status")]
    public async Task A_config_that_no_request_can_be_made_of_is_refused_by_name_and_sends_nothing(string config, string path)
    {
        var environment = new NodeEnvironment();

        var outcome = await environment.RunAsync(new Http(), config, TestContext.Current.CancellationToken);

        Assert.Equal(FailureKind.Config, outcome.Failure?.Kind);
        Assert.StartsWith($"{path}:", outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(environment.Http.Requests);
    }

    [Fact]
    public async Task A_call_that_takes_longer_than_its_timeout_fails_and_may_be_retried()
    {
        var asked = new TaskCompletionSource();
        var environment = new NodeEnvironment
        {
            Http = new StubHttp(async (_, cancellationToken) =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return new HttpResponseMessage();
            }),
        };

        var call = environment.RunAsync(new Http(), """{"url":"https://a.example/slow","timeout":"5s"}""", TestContext.Current.CancellationToken);
        await asked.Task;
        environment.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(new NodeFailure(FailureKind.Timeout, "GET https://a.example/slow took longer than 5 s.", Retryable: true), (await call).Failure);
    }

    [Fact]
    public async Task A_body_that_never_ends_runs_into_the_timeout_too()
    {
        var body = new EndlessStream();
        var environment = new NodeEnvironment { Http = new StubHttp(_ => new HttpResponseMessage { Content = new StreamContent(body) }) };

        var call = environment.RunAsync(new Http(), """{"url":"https://a.example","timeout":"5s"}""", TestContext.Current.CancellationToken);
        await body.Asked;
        environment.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(FailureKind.Timeout, (await call).Failure?.Kind);
    }

    [Fact]
    public async Task A_cancelled_run_ends_the_call_as_cancelled_and_not_as_a_timeout()
    {
        using var cancelled = new CancellationTokenSource();
        var environment = new NodeEnvironment { Http = StubHttp.Silent() };

        var call = environment.RunAsync(new Http(), """{"url":"https://a.example"}""", cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task An_address_that_the_host_guards_is_refused_for_good()
    {
        var outcome = await RunAsync("""{"url":"http://a.example/x"}""", _ => throw new AddressNotAllowedException("10.0.0.1 is a private address."));

        Assert.Equal(new NodeFailure(FailureKind.Refused, "GET http://a.example/x: 10.0.0.1 is a private address."), outcome.Failure);
    }

    [Fact]
    public async Task An_address_that_can_not_be_reached_may_be_retried_and_its_query_is_not_told()
    {
        var outcome = await RunAsync(
            """{"url":"https://a.example/x","query":{"token":"hunter2"}}""",
            request => throw new HttpRequestException(HttpRequestError.NameResolutionError, request.RequestUri!.ToString()));

        Assert.Equal(
            new NodeFailure(FailureKind.Unavailable, "GET https://a.example/x failed: the host name cannot be resolved.", Retryable: true),
            outcome.Failure);
    }

    [Fact]
    public async Task A_connection_that_the_host_gives_up_on_is_a_timeout_and_no_defect()
    {
        var outcome = await RunAsync("""{"url":"https://a.example"}""", _ => throw new TaskCanceledException("connect", new TimeoutException()));

        Assert.Equal(new NodeFailure(FailureKind.Timeout, "GET https://a.example/ timed out while connecting.", Retryable: true), outcome.Failure);
    }

    [Fact]
    public async Task A_body_that_is_badly_compressed_may_be_retried()
    {
        var content = new StreamContent(new System.IO.Compression.GZipStream(new MemoryStream([1, 2, 3]), System.IO.Compression.CompressionMode.Decompress));

        var outcome = await RunAsync("""{"url":"https://a.example"}""", _ => new HttpResponseMessage { Content = content });

        Assert.Equal((FailureKind.Unavailable, true), (outcome.Failure?.Kind, outcome.Failure?.Retryable));
    }

    private static Task<NodeOutcome> RunAsync(string config, Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        new NodeEnvironment { Http = new StubHttp(answer) }.RunAsync(new Http(), config, TestContext.Current.CancellationToken);

    private static async Task<StubRequest> SentAsync(string config)
    {
        var environment = new NodeEnvironment { Http = new StubHttp(_ => new HttpResponseMessage()) };
        Assert.Null((await environment.RunAsync(new Http(), config, TestContext.Current.CancellationToken)).Failure);
        return Assert.Single(environment.Http.Requests);
    }

    private static HttpResponseMessage Json(HttpStatusCode status, string body, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { { "Content-Type", "application/json" } } } };
        foreach (var (name, value) in headers)
        {
            response.Headers.Add(name, value);
        }

        return response;
    }

    private static HttpResponseMessage Content(string body, string type) =>
        new() { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { { "Content-Type", type } } } };
}
