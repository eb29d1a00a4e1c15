using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Replies;

public sealed class ReplyRulesTests
{
    [Theory]
    [InlineData(200, 10)]
    [InlineData(599, 0)]
    [InlineData(204, 0)]
    [InlineData(304, 0)]
    public void A_status_that_can_end_an_exchange_is_let_through(int status, int bodyBytes) => ReplyRules.Check(new Reply(status, new byte[bodyBytes]), 10);

    [Theory]
    [InlineData(100, 0, "200 to 599")]
    [InlineData(101, 0, "200 to 599")]
    [InlineData(199, 0, "200 to 599")]
    [InlineData(600, 0, "200 to 599")]
    [InlineData(-1, 0, "200 to 599")]
    [InlineData(204, 1, "has no body")]
    [InlineData(205, 1, "has no body")]
    [InlineData(304, 1, "has no body")]
    [InlineData(200, 11, "MaxReplyBytes")]
    public void A_status_or_body_that_breaks_a_rule_is_refused_with_the_rule(int status, int bodyBytes, string rule) =>
        Assert.Contains(rule, Refused(new Reply(status, new byte[bodyBytes])), StringComparison.Ordinal);

    [Fact]
    public void A_file_is_a_body_and_there_is_one_body()
    {
        ReplyRules.Check(new Reply(200) { Blob = "6f0c" }, 0);
        Assert.Contains("has no body", Refused(new Reply(204) { Blob = "6f0c" }), StringComparison.Ordinal);
        Assert.Contains("not both", Refused(new Reply(200, new byte[1]) { Blob = "6f0c" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Kind", "made")]
    [InlineData("x!#$%&'*+-.^_`|~9", "any \t~!")]
    [InlineData("Location", "https://a.example/b?c=d:e")]
    [InlineData("Set-Cookie", "a=b; Path=/")]
    [InlineData("Empty", "")]
    public void A_header_by_the_rules_is_let_through(string name, string value) => ReplyRules.Check(With(name, value), 10);

    [Theory]
    [InlineData("", "a", "not a header name")]
    [InlineData("Bad Name", "a", "not a header name")]
    [InlineData("Bad:Name", "a", "not a header name")]
    [InlineData("Bad\r\nName", "a", "not a header name")]
    [InlineData("Bäd", "a", "not a header name")]
    [InlineData("X-A", "a\r\nX-Forged: b", "X-A")]
    [InlineData("X-A", "a\n", "X-A")]
    [InlineData("X-A", "a\rb", "X-A")]
    [InlineData("X-A", "a\0b", "X-A")]
    [InlineData("X-A", "a\u007fb", "X-A")]
    [InlineData("X-A", "grün", "X-A")]
    [InlineData("content-length", "5", "belongs to the host")]
    [InlineData("Transfer-Encoding", "chunked", "belongs to the host")]
    [InlineData("CONNECTION", "close", "belongs to the host")]
    [InlineData("Keep-Alive", "5", "belongs to the host")]
    [InlineData("Upgrade", "h2c", "belongs to the host")]
    [InlineData("Trailer", "a", "belongs to the host")]
    [InlineData("Sluice-Run-Id", "a", "belongs to the host")]
    public void A_header_that_breaks_a_rule_is_refused_with_the_rule(string name, string value, string rule)
    {
        var message = Refused(With(name, value));

        Assert.Contains(rule, message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void A_content_type_is_held_to_the_same_rules() =>
        Assert.Contains("Content-Type", Refused(new Reply(200) { ContentType = "text/plain\r\nX-Forged: a" }), StringComparison.Ordinal);

    private static Reply With(string name, string value) => new(200) { Headers = [new(name, value)] };

    private static string Refused(Reply reply) => Assert.Throws<ReplyRefusedException>(() => ReplyRules.Check(reply, 10)).Message;
}
