using System.Text;
using Sluice.Engine.Compiled;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks.Bodies;

/// <summary>What a body takes once it is parsed, and the bounds on what it may hold.</summary>
public sealed class BodyWeightTests
{
    private static readonly BodyLimits Limits = new(1_000_000, 1_000_000, 1_000_000, 100, Values: 1000, Fields: 100);

    [Fact]
    public void Json_weighs_its_bytes_and_a_row_for_each_token() =>
        // Ten lists in a list: eleven times an opening and a closing bracket; the estimate takes each comma for a value more.
        Assert.InRange(WeightOf(BodyKind.Json, $"[{string.Join(',', Enumerable.Repeat("[]", 10))}]").Parsed, 31 + (22 * 24), 31 + (32 * 24));

    [Theory]
    [InlineData("[", "[]", 1000)]
    [InlineData("[", "1", 1000)]
    [InlineData("[", "{\"a\":1}", 500)]
    [InlineData("\uFEFF[", "\"a\"", 1000)]
    public void A_json_body_holds_as_many_values_as_it_may(string start, string value, int tooMany)
    {
        Assert.Null(ProblemOf(BodyKind.Json, $"{start}{string.Join(',', Enumerable.Repeat(value, tooMany - 1))}]"));
        Assert.Contains("1000 JSON values", ProblemOf(BodyKind.Json, $"{start}{string.Join(',', Enumerable.Repeat(value, tooMany))}]"), StringComparison.Ordinal);
    }

    [Fact]
    public void Commas_and_brackets_in_a_string_are_no_values() =>
        Assert.Null(ProblemOf(BodyKind.Json, $"\"{string.Concat(Enumerable.Repeat(",[", 5000))}\""));

    [Fact]
    public void A_form_holds_as_many_fields_as_it_may()
    {
        Assert.Null(ProblemOf(BodyKind.Form, new string('&', 99)));
        Assert.Contains("100 fields", ProblemOf(BodyKind.Form, new string('&', 100)), StringComparison.Ordinal);
        Assert.Equal((23 * 99) + (256 * 100), WeightOf(BodyKind.Form, new string('&', 99)).Parsing);
    }

    [Fact]
    public void Text_weighs_what_it_becomes_on_the_way()
    {
        Assert.Equal(new BodyWeight(3000, 2000), WeightOf(BodyKind.Text, new string('x', 1000)));
        Assert.Equal(new BodyWeight(1000 + 8000 + 12_000, 7000), WeightOf(BodyKind.Text, new string('\u0001', 1000)));
    }

    [Theory]
    [InlineData(BodyKind.Json, "[[],[],[]]")]
    [InlineData(BodyKind.Form, "a=1&b=2")]
    [InlineData(BodyKind.Text, "\n\n\n")]
    [InlineData(BodyKind.Binary, "abc")]
    public void A_body_that_nothing_reads_weighs_its_bytes(object kind, string body) =>
        Assert.Equal(new BodyWeight(body.Length, body.Length), WeightOf((BodyKind)kind, body, BodyUse.None));

    [Fact]
    public void What_a_body_may_hold_is_bounded_although_nothing_reads_it()
    {
        Assert.Contains("1000 JSON values", ProblemOf(BodyKind.Json, $"[{string.Join(',', Enumerable.Repeat(1, 1000))}]", BodyUse.None), StringComparison.Ordinal);
        Assert.Contains("100 fields", ProblemOf(BodyKind.Form, new string('&', 100), BodyUse.None), StringComparison.Ordinal);
    }

    [Fact]
    public void The_raw_text_of_a_body_weighs_what_it_becomes_beside_the_value()
    {
        var json = $"[{string.Join(',', Enumerable.Repeat("\"a\"", 100))}]";
        var (bytes, text) = (json.Length, json.Length + 200);

        Assert.Equal(bytes + text, WeightOf(BodyKind.Json, json, BodyUse.Text).Parsed);
        Assert.Equal(WeightOf(BodyKind.Json, json).Parsed + text, WeightOf(BodyKind.Json, json, BodyUse.All).Parsed);
        Assert.Equal(bytes + (8 * bytes) + (3 * text), WeightOf(BodyKind.Json, json, BodyUse.Text).Parsing);
    }

    private static BodyWeight WeightOf(BodyKind kind, string body, BodyUse use = BodyUse.Value) => BodyWeight.Of(kind, Encoding.UTF8.GetBytes(body), Limits, use).Weight;

    private static string? ProblemOf(BodyKind kind, string body, BodyUse use = BodyUse.Value) =>
        BodyWeight.Of(kind, Encoding.UTF8.GetBytes(body), Limits, use).Problem?.Detail;
}
