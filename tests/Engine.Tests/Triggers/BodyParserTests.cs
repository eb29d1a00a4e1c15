using System.Text;
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

        Assert.Equal("grün", BodyParser.RawText("text/plain; charset=iso-8859-1", Encoding.Latin1.GetBytes("grün")));
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("multipart/form-data; boundary=x")]
    public void A_body_that_is_no_text_as_a_whole_has_no_raw_text(string contentType) => Assert.Null(BodyParser.RawText(contentType, "a"u8));

    [Fact]
    public void A_charset_that_json_claims_means_nothing() =>
        Assert.Equal("""{"a":1}""", BodyParser.RawText("application/json; charset=utf-16", """{"a":1}"""u8));

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
}
