using System.Text;
using Sluice.Engine.Secrets;
using Sluice.Engine.Tests.Execution;

namespace Sluice.Engine.Tests.Secrets;

public sealed class SecretMaskTests : ISecrets
{
    private readonly Dictionary<string, string> _values = new()
    {
        ["token"] = "hush-hush",
        ["longer"] = "hush-hush-9000",
        ["quoted"] = "say \"ü\"\n",
        ["short"] = "abc",
        ["begins"] = "ABCD-1234",
        ["overlaps"] = "1234-WXYZ",
        ["number"] = "4711471147",
    };

    public IReadOnlyCollection<string> Names => _values.Keys;

    private SecretMask Mask => SecretMask.For(Names, this);

    SecretMasks ISecrets.Masks => field ??= new SecretMasks(this);

    public string? Find(string name) => _values.GetValueOrDefault(name);

    [Theory]
    [InlineData("a hush-hush b", "a *** b")]
    [InlineData("hush-hush-9000", "***")]
    [InlineData("say \"ü\"\n!", "***!")]
    [InlineData("abc", "abc")]
    [InlineData("hush", "hush")]
    [InlineData("x ABCD-1234-WXYZ y", "x *** y")]
    [InlineData("hush-hushhush-hush", "******")]
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
    [InlineData("""{"a":"x hush-hush y","b":[1.50,true,null],"c":"hush-hushhush-hush-9000"}""")]
    [InlineData("""{"hush-hush":{"***":"***"},"x":["ABCD-1234-WXYZ","ABCD-1234"]}""")]
    [InlineData("""{"a":"say \"ü\"\n, say \\\"ü\\\"\\n and c2F5ICLDvCIK or 7361792022c3bc220a"}""")]
    [InlineData("""{"n":4711471147,"m":"4711471147","o":[4711471147,47114711471]}""")]
    public void What_was_masked_is_put_back_to_the_byte(string json)
    {
        var masked = Mask.Apply(Encoding.UTF8.GetBytes(json), out var secrets);

        Assert.Equal(-1, masked.Span.IndexOf("hush"u8));
        Assert.NotEmpty(secrets);
        List<string> missing = [];
        Assert.Equal(json, Encoding.UTF8.GetString(MaskedJson.Restore(masked, secrets, Find, missing).Span));
        Assert.Empty(missing);
    }

    [Fact]
    public void A_secret_that_was_rotated_is_put_back_as_it_is_today_and_one_that_is_gone_stays_masked()
    {
        var masked = Mask.Apply("""{"a":"hush-hush","b":"x ABCD-1234 y","n":4711471147,"c":"ABCD-1234-WXYZ"}"""u8.ToArray(), out var secrets);
        List<string> missing = [];

        var restored = MaskedJson.Restore(
            masked, secrets, name => name switch { "token" => "new \"one\"", "number" => "none", "overlaps" => "1234-WXYZ", _ => null }, missing);

        Assert.Equal("""{"a":"new \"one\"","b":"x *** y","n":"none","c":"***"}""", Encoding.UTF8.GetString(restored.Span));
        Assert.Equal(["begins", "begins"], missing);
    }

    [Theory]
    [InlineData("plain hush-hush-9000", "plain ***")]
    [InlineData("""{"a":"say \"ü\"\n"}""", """{"a":"***"}""")]
    public void A_secret_in_a_reply_s_body_is_masked_as_text_and_as_json(string body, string masked) =>
        Assert.Equal(masked, Encoding.UTF8.GetString(Mask.ApplyToText(Encoding.UTF8.GetBytes(body)).Span));

    [Theory]
    [InlineData("""{"n":4711471147}""", """{"n":"***"}""")]
    [InlineData("""{"n":47114711471}""", """{"n":47114711471}""")]
    public void A_number_is_masked_where_it_is_the_whole_secret(string json, string masked) =>
        Assert.Equal(masked, Encoding.UTF8.GetString(Mask.Apply(Encoding.UTF8.GetBytes(json)).Span));

    [Theory]
    [InlineData("say &quot;&#252;&quot;\n")]
    [InlineData("say &quot;&#xFC;&quot;&#xA;")]
    [InlineData("say &quot;ü&quot;\n")]
    [InlineData("say+%22%C3%BC%22%0A")]
    [InlineData("say+%22%c3%bc%22%0a")]
    [InlineData("say%20%22%C3%BC%22%0A")]
    [InlineData("""say \u0022\u00FC\u0022\n""")]
    [InlineData("""say \"ü\"\n""")]
    [InlineData("""say \\\"ü\\\"\\n""")]
    [InlineData("7361792022c3bc220a")]
    [InlineData("7361792022C3BC220A")]
    public void A_secret_is_masked_in_every_spelling(string spelled)
    {
        Assert.Equal("a *** b", Mask.Apply($"a {spelled} b"));
        Assert.Equal("a *** b", Encoding.UTF8.GetString(Mask.ApplyToText(Encoding.UTF8.GetBytes($"a {spelled} b")).Span));
    }

    [Fact]
    public void A_secret_is_found_wherever_it_lies_in_a_large_text()
    {
        var bytes = new byte[100_000];
        Assert.All([0, 16_380, 16_384 - "hush-hush-9000".Length, 16_384, 50_000, bytes.Length - "hush-hush-9000".Length], at =>
        {
            Array.Fill(bytes, (byte)0xFF);
            "hush-hush-9000"u8.CopyTo(bytes.AsSpan(at));

            var masked = Mask.ApplyToText(bytes).Span;

            Assert.Equal(bytes.Length - "hush-hush-9000".Length + 3, masked.Length);
            Assert.Equal(at, masked.IndexOf("***"u8));
            Assert.Equal(bytes.Length - "hush-hush-9000".Length, masked.Count((byte)0xFF));
        });
    }

    [Fact]
    public void A_text_is_masked_before_it_is_cut()
    {
        Assert.Equal("xx***…", Mask.ApplyAndCut("xxhush-hush-9000yy", 5));
        Assert.Equal("xx***yy", Mask.ApplyAndCut("xxhush-hush-9000yy", 7));
    }

    [Fact]
    public void What_holds_no_secret_is_the_same_memory()
    {
        ReadOnlyMemory<byte> bytes = """{"a":1}"""u8.ToArray();

        Assert.Equal(bytes, Mask.Apply(bytes));
        Assert.Equal(bytes, Mask.ApplyToText(bytes));
    }
}
