using System.Text;
using CsCheck;
using Sluice.Engine.Json;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Tests.Triggers;

public sealed class BodyParserTests
{
    [Theory]
    [InlineData("application/json", """{"a":[1.50,"ü"]}""", """{"a":[1.50,"ü"]}""")]
    [InlineData("application/json; charset=utf-8", "42", "42")]
    [InlineData("APPLICATION/JSON", "null", "null")]
    [InlineData("application/vnd.github+json", "[]", "[]")]
    [InlineData("application/json", "\uFEFF[]", "[]")]
    [InlineData("application/json", "\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"")]
    [InlineData("application/x-www-form-urlencoded", "Body=1&body=2&abc&=x&&d=1=2&%u0041=%zz", """{"Body":"1","body":"2","abc":"","":"x","d":"1=2","%u0041":"%zz"}""")]
    [InlineData("application/x-www-form-urlencoded", "a=1&b=x%20y+z&a=2&c=", """{"a":["1","2"],"b":"x y z","c":""}""")]
    [InlineData("text/plain", "a \"b\"\n", "\"a \\\"b\\\"\\n\"")]
    [InlineData("application/xml", "<a/>", "\"<a/>\"")]
    [InlineData("image/svg+xml", "<a/>", "\"<a/>\"")]
    [InlineData(null, "anything", "\"anything\"")]
    [InlineData("application/json", "", "null")]
    [InlineData("image/png", "", "null")]
    [InlineData("image/png", "a", "\"YQ==\"")]
    [InlineData("multipart/form-data; boundary=x", """{"a":"1"}""", """{"a":"1"}""")]
    public void A_body_is_read_by_its_content_type(string? contentType, string body, string json)
    {
        var (value, fault, message) = BodyParser.Parse(contentType, Encoding.UTF8.GetBytes(body));
        using (value)
        {
            Assert.Equal((BodyFault.None, null, json), (fault, message, value.RootElement.GetRawText()));
        }
    }

    [Fact]
    public void Text_is_read_in_the_charset_it_names()
    {
        var (value, fault, _) = BodyParser.Parse("text/plain; charset=\"iso-8859-1\"", Encoding.Latin1.GetBytes("grün"));
        using (value)
        {
            Assert.Equal((BodyFault.None, "grün"), (fault, value.RootElement.GetString()));
        }

        Assert.Equal("\"grün\"", RawText("text/plain; charset=iso-8859-1", Encoding.Latin1.GetBytes("grün")));
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("multipart/form-data; boundary=x")]
    public void A_body_that_is_no_text_as_a_whole_has_no_raw_text(string contentType) => Assert.Equal("null", RawText(contentType, "a"u8.ToArray()));

    [Theory]
    [InlineData("application/json", "\uFEFF{\"a\": 1}")]
    [InlineData("text/plain", "\"\\\u0001\u2028\ud83d\ude00 <&>")]
    [InlineData("text/plain; charset=utf-16", "\"\\\u0001\u2028\ud83d\ude00 <&>")]
    [InlineData("application/x-www-form-urlencoded", "a=1&b=ü")]
    [InlineData("application/json", "")]
    public void The_raw_text_is_the_body_as_a_string(string contentType, string body)
    {
        var bytes = (contentType.EndsWith("16", StringComparison.Ordinal) ? Encoding.Unicode : Encoding.UTF8).GetBytes(body);

        Assert.Equal(Encoding.UTF8.GetString(JsonText.Encode(body)), RawText(contentType, bytes));
    }

    [Fact]
    public void A_charset_that_json_claims_means_nothing() =>
        Assert.Equal("\"[1]\"", RawText("application/json; charset=utf-16", "[1]"u8.ToArray()));

    [Theory]
    [InlineData("application/json", "{\"a\":\n tru}", BodyFault.NotParsable, "line 2, byte 5")]
    [InlineData("application/json", "\"\\ud800\"", BodyFault.NotParsable, "surrogate")]
    [InlineData("application/json", "{\"\\uDC00\":1}", BodyFault.NotParsable, "surrogate")]
    [InlineData("nonsense", "a", BodyFault.UnsupportedType, "application/json")]
    [InlineData("text/plain; charset=klingon", "a", BodyFault.UnsupportedType, "UTF-8")]
    public void What_is_not_what_it_says_is_a_fault_with_the_place_or_the_cure(string contentType, string body, object fault, string message)
    {
        var parsed = BodyParser.Parse(contentType, Encoding.UTF8.GetBytes(body));

        Assert.Equal(fault, parsed.Fault);
        Assert.Contains(message, parsed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public void Bytes_that_are_no_utf_8_are_a_fault(string contentType) =>
        Assert.Equal(BodyFault.NotParsable, BodyParser.Parse(contentType, new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }).Fault);

    [Theory]
    [InlineData(48, BodyFault.None)]
    [InlineData(49, BodyFault.NotParsable)]
    public void Json_may_be_nested_48_levels_deep(int depth, object fault) =>
        Assert.Equal(fault, BodyParser.Parse("application/json", Encoding.UTF8.GetBytes($"{new string('[', depth)}{new string(']', depth)}")).Fault);

    // What each body is refused for; null where it is taken. Latin-1, so that bytes that are no UTF-8 can be written.
    public static TheoryData<string, string?> JsonBodies() => new()
    {
        { "[1, -0.0, 1E400, 123456789012345678901234567890.5e-7]", null },
        { "{\"a\":1,\"a\":2}", null },
        { " \t\r\n{ } \n", null },
        { "\"\\ud83d\\ude00 \\u0000\"", null },
        { "\u00EF\u00BB\u00BF[]", null },
        { new string('[', 48) + new string(']', 48), null },
        { new string('[', 49) + new string(']', 49), "deeper than 48 levels: line 1, byte 49 " },
        { string.Concat(Enumerable.Repeat("{\"a\":", 49)), "deeper than 48 levels: line 1, byte 241 " },
        { "", null },
        { " ", "line 1, byte 2 " },
        { "\u00EF\u00BB\u00BF", "line 1, byte 1 " },
        { "\u00EF\u00BB\u00BF\u00EF\u00BB\u00BF[]", "line 1, byte 1 " },
        { "[1,]", "line 1, byte 4 " },
        { "{\"a\":1,}", "line 1, byte 8 " },
        { "[1] [2]", "line 1, byte 5 " },
        { "[1\n,\n2", "line 3, byte 2 " },
        { "/* */ []", "line 1, byte 1 " },
        { "[] // end", "line 1, byte 4 " },
        { "{a:1}", "line 1, byte 2 " },
        { "{'a':1}", "line 1, byte 2 " },
        { "{\"a\" 1}", "line 1, byte 6 " },
        { "[01]", "line 1, byte 3 " },
        { "[+1]", "line 1, byte 2 " },
        { "[1.]", "line 1, byte 4 " },
        { "[NaN]", "line 1, byte 2 " },
        { "nul", "line 1, byte 4 " },
        { "\"a\0\"", "line 1, byte 3 " },
        { "\"a\nb\"", "line 1, byte 3 " },
        { "[\0]", "line 1, byte 2 " },
        { "\"\\x\"", "line 1, byte 3 " },
        { "\"\\u12g4\"", "line 1, byte 6 " },
        { "\"\\ud800\"", "surrogate" },
        { "\"\\uDC00\\ud800\"", "surrogate" },
        { "{\"\\ud800x\":1}", "surrogate" },
        { "[\"\\ud800\"", "line 1, byte 10 " },
        { "\"\u00C3\u0028\"", "UTF-8" },
        { "\"\u00ED\u00A0\u0080\"", "UTF-8" },
    };

    [Theory]
    [MemberData(nameof(JsonBodies))]
    public void Json_is_refused_for_the_same_reason_whether_or_not_its_value_is_made(string body, string? reason)
    {
        var bytes = Encoding.Latin1.GetBytes(body);
        var (_, fault, message) = BodyParser.Parse("application/json", bytes);

        Assert.Equal((fault, message), BodyParser.Check("application/json", bytes));
        Assert.Equal(reason is null, message is null);
        Assert.Contains(reason ?? "", message ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData("text/plain; charset=utf-16")]
    [InlineData("text/plain; charset=us-ascii")]
    [InlineData("text/plain; charset=klingon")]
    [InlineData("image/png")]
    [InlineData("nonsense")]
    public void Checking_a_body_and_making_its_value_agree_on_any_bytes(string contentType)
    {
        string[] pieces =
        [
            "[", "]", "{", "}", ",", ":", "\"", "\"a\"", "\\", "\\ud800", "\\udc00", "1", "-", "0", ".5", "e9", "true", "nul", " ", "\n", "\0", "\u00EF\u00BB\u00BF", "\u00C3", "/*",
        ];
        Gen.Int[0, pieces.Length - 1].Select(index => pieces[index]).Array[0, 12].Sample(parts =>
        {
            var bytes = Encoding.Latin1.GetBytes(string.Concat(parts));
            var (_, fault, message) = BodyParser.Parse(contentType, bytes);
            return (fault, message) == BodyParser.Check(contentType, bytes);
        });
    }

    private static string RawText(string contentType, byte[] body) => Encoding.UTF8.GetString(BodyParser.RawText(contentType, body));
}
