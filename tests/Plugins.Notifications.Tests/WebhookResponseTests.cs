using System.Text;
using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Notifications.Tests;

public sealed class WebhookResponseTests
{
    private readonly NodeEnvironment _environment = new();

    [Theory]
    [InlineData("""{"received":true}""", """{"received":true}""")]
    [InlineData("""[1,2.50]""", """[1,2.50]""")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("false", "false")]
    public async Task A_body_that_is_no_text_is_sent_as_json(string body, string sent)
    {
        var reply = await ReplyAsync($$"""{"body":{{body}}}""");

        Assert.Equal("application/json", reply.ContentType);
        Assert.Equal(sent, Encoding.UTF8.GetString(reply.Body.Span));
    }

    [Theory]
    [InlineData("""{ "a": 1 }""", "application/json")]
    [InlineData("42", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("Thank you.", "text/plain; charset=utf-8")]
    [InlineData("{ not json", "text/plain; charset=utf-8")]
    [InlineData("1 2", "text/plain; charset=utf-8")]
    [InlineData("grüße", "text/plain; charset=utf-8")]
    public async Task A_text_is_sent_as_it_stands_under_the_type_that_it_reads_as(string text, string type)
    {
        var reply = await ReplyAsync($$"""{"body":{{Quoted(text)}}}""");

        Assert.Equal(type, reply.ContentType);
        Assert.Equal(text, Encoding.UTF8.GetString(reply.Body.Span));
    }

    [Fact]
    public async Task A_raw_body_is_never_parsed()
    {
        var reply = await ReplyAsync("""{"body":"{\"a\":1}","body_type":"raw"}""");

        Assert.Equal("text/plain; charset=utf-8", reply.ContentType);
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(reply.Body.Span));
    }

    [Fact]
    public async Task A_json_body_that_is_not_json_fails_and_says_where()
    {
        var outcome = await _environment.RunAsync(new WebhookResponse(), """{"body":"{\"a\":}","body_type":"json"}""", TestContext.Current.CancellationToken);

        Assert.Equal(FailureKind.Config, outcome.Failure?.Kind);
        Assert.Contains("BytePositionInLine: 5", outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(_environment.Responder.Offered);
    }

    [Theory]
    [InlineData("""{"body":{"a":1},"content_type":"application/vnd.api+json"}""")]
    [InlineData("""{"body":"text","body_type":"raw","content_type":"application/vnd.api+json"}""")]
    [InlineData("""{"body":"1","body_type":"json","content_type":"application/vnd.api+json"}""")]
    [InlineData("""{"headers":{"Content-Type":"text/html"},"content_type":"application/vnd.api+json"}""")]
    public async Task A_content_type_that_is_given_wins(string config) =>
        Assert.Equal("application/vnd.api+json", (await ReplyAsync(config)).ContentType);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"body":null}""")]
    [InlineData("""{"status":204,"body":null,"body_type":"json"}""")]
    public async Task Without_a_body_the_reply_is_empty_and_has_no_type(string config)
    {
        var reply = await ReplyAsync(config);

        Assert.True(reply.Body.IsEmpty);
        Assert.Null(reply.ContentType);
    }

    [Fact]
    public async Task The_status_is_200_by_default() => Assert.Equal(200, (await ReplyAsync("{}")).Status);

    [Theory]
    [InlineData(100)]
    [InlineData(199)]
    [InlineData(600)]
    public async Task A_status_that_ends_no_exchange_is_refused(int status)
    {
        var outcome = await _environment.RunAsync(new WebhookResponse(), $$"""{"status":{{status}}}""", TestContext.Current.CancellationToken);

        Assert.Equal(FailureKind.Config, outcome.Failure?.Kind);
        Assert.StartsWith("status:", outcome.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_keep_their_order_and_a_list_stands_more_than_once()
    {
        var reply = await ReplyAsync("""{"headers":{"X-B":"https://example.com:8080/a:b","Set-Cookie":["a=1","b=2"],"X-A":5}}""");

        Assert.Equal(
            [new("X-B", "https://example.com:8080/a:b"), new("Set-Cookie", "a=1"), new("Set-Cookie", "b=2"), new("X-A", "5")],
            reply.Headers);
    }

    [Fact]
    public async Task A_header_that_is_an_object_is_refused_by_name()
    {
        var outcome = await _environment.RunAsync(new WebhookResponse(), """{"headers":{"X-A":{"b":1}}}""", TestContext.Current.CancellationToken);

        Assert.StartsWith("headers.X-A:", outcome.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_content_type_among_the_headers_takes_the_place_of_the_one_that_the_body_decides()
    {
        var reply = await ReplyAsync("""{"body":{"a":1},"headers":{"content-type":"application/hal+json","X-A":"1"}}""");

        Assert.Equal("application/hal+json", reply.ContentType);
        Assert.Equal([new("X-A", "1")], reply.Headers);
    }

    [Fact]
    public async Task A_reply_that_nobody_waits_for_succeeds_unsent_with_the_reason()
    {
        var environment = new NodeEnvironment { Responder = new RecordingResponder { NobodyWaits = "The caller has gone." } };

        var outcome = await environment.RunAsync(new WebhookResponse(), """{"status":201}""", TestContext.Current.CancellationToken);

        Assert.Equal("""{"sent":false,"status":201,"reason":"The caller has gone."}""", outcome.Output?.GetRawText());
    }

    [Fact]
    public async Task A_reply_that_the_host_refuses_fails_the_step_with_the_host_s_words()
    {
        var environment = new NodeEnvironment { Responder = new RecordingResponder { Refuse = _ => "The header X-A holds a line break." } };

        var outcome = await environment.RunAsync(new WebhookResponse(), "{}", TestContext.Current.CancellationToken);

        Assert.Equal(new NodeFailure(FailureKind.Config, "The header X-A holds a line break."), outcome.Failure);
    }

    private async Task<Reply> ReplyAsync(string config)
    {
        var outcome = await _environment.RunAsync(new WebhookResponse(), config, TestContext.Current.CancellationToken);
        Assert.Null(outcome.Failure);
        return Assert.Single(_environment.Responder.Offered);
    }

    private static string Quoted(string text) => $"\"{System.Text.Json.JsonEncodedText.Encode(text)}\"";
}
