using CsCheck;
using Sluice.Host.Webhooks.Idempotency;

namespace Sluice.Host.Tests.Webhooks.Idempotency;

public sealed class StructuredStringTests
{
    [Theory]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("  \"a b\"  ", "a b")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("\"\"", "")]
    [InlineData("\"a\";x;y=1; z=\"q;\\\"\"", "a")]
    [InlineData("\"a,b\"", "a,b")]
    public void A_string_is_read(string field, string value) => Assert.Equal(value, StructuredString.Parse(field));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("'abc'")]
    [InlineData("\"abc")]
    [InlineData("abc\"")]
    [InlineData("\"a\" \"b\"")]
    [InlineData("\"a\", \"b\"")]
    [InlineData("\"a\"b")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"a\\\"")]
    [InlineData("\"ä\"")]
    [InlineData("\"a\tb\"")]
    [InlineData("\"a\";")]
    [InlineData("\"a\";X=1")]
    [InlineData("\"a\";x=")]
    [InlineData("\"a\";x=\"")]
    [InlineData("(\"a\")")]
    [InlineData(":YQ==:")]
    [InlineData("?1")]
    public void What_is_no_string_is_not_read(string field) => Assert.Null(StructuredString.Parse(field));

    [Fact]
    public void Every_text_of_visible_ASCII_comes_back_as_it_was_written() =>
        Gen.String[Gen.Char[' ', '~'], 0, 40].Sample(text =>
            StructuredString.Parse($"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"") == text);

    [Fact]
    public void Whatever_a_header_holds_what_is_read_of_it_is_visible_ASCII() =>
        Gen.String[Gen.OneOf(Gen.Char['\t', '\u00ff'], Gen.Const('"'), Gen.Const('\\'), Gen.Const(';')), 0, 30]
            .Sample(text => StructuredString.Parse($"\"{text}")?.All(c => c is >= ' ' and <= '~') ?? true);
}
