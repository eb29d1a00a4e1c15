using System.Text;
using CsCheck;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Text;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("~", "null")]
    [InlineData("null", "null")]
    [InlineData("", "null")]
    [InlineData("True", "true")]
    [InlineData("false", "false")]
    [InlineData("no", "\"no\"")]
    [InlineData("on", "\"on\"")]
    [InlineData("'true'", "\"true\"")]
    [InlineData("\"12\"", "\"12\"")]
    [InlineData("12", "12")]
    [InlineData("+12", "12")]
    [InlineData("-0.5", "-0.5")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("5.", "5.0")]
    [InlineData("1e3", "1e3")]
    [InlineData("1.e3", "1.0e3")]
    [InlineData("0x1F", "31")]
    [InlineData("0o17", "15")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("10s", "\"10s\"")]
    [InlineData("2026-03-01", "\"2026-03-01\"")]
    [InlineData("1_000", "\"1_000\"")]
    public void A_word_has_the_type_of_the_core_schema(string yaml, string json)
    {
        var (root, problems) = YamlReader.Read("value: " + yaml);

        Assert.Empty(problems);
        Assert.Equal($"{{\"value\":{json}}}", Encoding.UTF8.GetString(root!.ToJson()));
    }

    [Fact]
    public void Each_value_knows_where_its_first_character_stands()
    {
        var (root, problems) = YamlReader.Read("a: x\nb: 'y'\nc: |\n\n  text\n  more\nd:\n  - { e: 1 }\n");

        Assert.Empty(problems);
        var source = Assert.IsType<SourceNode.Object>(root);
        Assert.Equal(new Position(1, 4), source["a"]!.At);
        Assert.Equal(new Position(2, 5), source["b"]!.At);
        Assert.Equal(new Position(5, 3), source["c"]!.At);
        Assert.Equal(new Position(8, 10), source.PlaceOf("d[0].e"));
        Assert.Equal(new Position(8, 5), source.PlaceOf("d[0].nothing"));
    }

    [Fact]
    public void What_aliases_repeat_counts_each_time()
    {
        var aliases = string.Concat(Enumerable.Repeat("- *long\n", 400));

        var problem = Assert.Single(YamlReader.Read($"a: &long {new string('x', 500_000)}\nb:\n{aliases}").Problems);

        Assert.Equal(("too-large", 6), (problem.Rule, problem.At!.Value.Line));
        Assert.Contains("aliases", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_of_aliases_and_of_names_count_as_what_they_stand_for()
    {
        var lists = string.Concat(Enumerable.Range(1, 12).Select(level => $"l{level}: &l{level} [ *l{level - 1}, *l{level - 1}, *l{level - 1} ]\n"));

        Assert.Equal("too-large", Assert.Single(YamlReader.Read($"l0: &l0 {{ {new string('n', 900)}: 1 }}\n{lists}").Problems).Rule);
    }

    [Fact]
    public void Values_deeper_than_the_limit_are_refused() =>
        Assert.Equal("too-deep", Assert.Single(YamlReader.Read(new string('[', 5000)).Problems).Rule);

    [Fact]
    public void An_alias_can_not_go_round_the_limit_of_depth()
    {
        var text = new StringBuilder("a0: &a0 [[[[[[[[[[1]]]]]]]]]]\n");
        for (var level = 1; level < 10; level++)
        {
            text.Append($"a{level}: &a{level} [[[[[[[[[[*a{level - 1}]]]]]]]]]]\n");
        }

        Assert.Equal("too-deep", Assert.Single(YamlReader.Read(text.ToString()).Problems).Rule);
    }

    [Fact]
    public void A_text_that_is_too_long_is_not_even_parsed() =>
        Assert.Equal("too-large", Assert.Single(YamlReader.Read(new string('x', YamlReader.LongestText + 1)).Problems).Rule);

    [Theory]
    [InlineData("a: b\0c", 1, 5)]
    [InlineData("a: 1\nb: \u0007", 2, 4)]
    public void A_character_that_YAML_does_not_allow_is_refused_with_its_place(string text, int line, int column)
    {
        var problem = Assert.Single(YamlReader.Read(text).Problems);

        Assert.Equal("yaml-character", problem.Rule);
        Assert.Equal(new Position(line, column), problem.At);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.Equal("yaml-character", Assert.Single(YamlReader.Read("a: " + '\ud800').Problems).Rule);

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text() => Assert.Empty(YamlReader.Read("\uFEFFa: 1").Problems);

    [Fact]
    public void Whatever_a_text_holds_it_never_throws() =>
        Gen.OneOf(Gen.String, Gen.String["{}[]:,-&*!|>'\"%@`#? \n\ta1."], Gen.String["{}: \"\n-ab"])
            .Sample(text => WorkflowReader.Read(text) is var (definition, problems) && (definition is not null || problems.Count > 0), iter: 3000);
}
