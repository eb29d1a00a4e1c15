using System.Text;
using Sluice.Engine.Execution;

namespace Sluice.Engine.Tests.Execution;

public sealed class SecretMaskTests : ISecrets
{
    private readonly Dictionary<string, string> _values = new()
    {
        ["token"] = "hush-hush",
        ["longer"] = "hush-hush-9000",
        ["quoted"] = "say \"ü\"\n",
        ["short"] = "abc",
    };

    public IReadOnlyCollection<string> Names => _values.Keys;

    private SecretMask Mask => SecretMask.For(Names, this);

    public string? Find(string name) => _values.GetValueOrDefault(name);

    [Theory]
    [InlineData("a hush-hush b", "a *** b")]
    [InlineData("hush-hush-9000", "***")]
    [InlineData("say \"ü\"\n!", "***!")]
    [InlineData("abc", "abc")]
    [InlineData("hush", "hush")]
    public void A_secret_in_a_text_is_masked_the_longest_first(string text, string masked) => Assert.Equal(masked, Mask.Apply(text));

    [Theory]
    [InlineData("""{"a":"x hush-hush y","b":[1.50,true,null]}""", """{"a":"x *** y","b":[1.50,true,null]}""")]
    [InlineData("""{"hush-hush":{}}""", """{"***":{}}""")]
    [InlineData("""{"a":"\u0068ush-hush"}""", """{"a":"***"}""")]
    [InlineData("""{"a":"say \"\u00fc\"\n"}""", """{"a":"***"}""")]
    [InlineData("""{"a":"\"nothing\" here"}""", """{"a":"\"nothing\" here"}""")]
    public void A_secret_in_json_is_masked_however_it_is_escaped(string json, string masked) =>
        Assert.Equal(masked, Encoding.UTF8.GetString(Mask.Apply(Encoding.UTF8.GetBytes(json)).Span));

    [Theory]
    [InlineData("plain hush-hush-9000", "plain ***")]
    [InlineData("""{"a":"say \"ü\"\n"}""", """{"a":"***"}""")]
    public void A_secret_in_a_reply_s_body_is_masked_as_text_and_as_json(string body, string masked) =>
        Assert.Equal(masked, Encoding.UTF8.GetString(Mask.ApplyToText(Encoding.UTF8.GetBytes(body)).Span));

    [Fact]
    public void What_holds_no_secret_is_the_same_memory()
    {
        ReadOnlyMemory<byte> bytes = """{"a":1}"""u8.ToArray();

        Assert.Equal(bytes, Mask.Apply(bytes));
        Assert.Equal(bytes, Mask.ApplyToText(bytes));
    }
}
