using Sluice.Engine.Plugins.Loading;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins.Loading;

public class SpecRulesTests
{
    private static readonly NodeSpec _good = new()
    {
        Type = "good_node2",
        Name = "Good",
        Category = "Samples",
        Summary = "Nothing is wrong with it.",
        Effect = Effect.None,
        Ports = [new PortSpec("true", "It holds."), new PortSpec("false", "It does not.")],
        ConfigSchema = """{"type":"object","additionalProperties":false}""",
        OutputSchema = "true",
        Examples = [new NodeExample("One", "{}", "1", "true", false)],
    };

    [Fact]
    public void A_good_spec_breaks_no_rule()
    {
        Assert.Empty(SpecRules.Check(_good));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("two-words")]
    [InlineData("_leading")]
    [InlineData("trailing_")]
    [InlineData("two__underscores")]
    [InlineData("1st")]
    [InlineData("new\n")]
    public void A_type_that_is_not_snake_case_is_rejected(string type)
    {
        AssertOnly("node-type", _good with { Type = type });
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("")]
    public void A_port_that_is_not_snake_case_is_rejected(string port)
    {
        AssertOnly("port-name", _good with { Ports = [new PortSpec("true", ""), new PortSpec(port, "")] });
    }

    [Fact]
    public void A_port_declared_twice_is_rejected()
    {
        AssertOnly("port-twice", _good with { Ports = [new PortSpec("true", ""), new PortSpec("true", "again")] });
    }

    [Theory]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"type":"object","additionalProperties":true}""")]
    [InlineData("""{"type":["object","null"],"additionalProperties":false}""")]
    [InlineData("""{"additionalProperties":false}""")]
    [InlineData("true")]
    public void A_config_schema_that_is_not_that_of_a_closed_object_is_rejected(string schema)
    {
        AssertOnly("config-schema-open", _good with { ConfigSchema = schema });
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"object\"")]
    public void A_schema_that_is_not_a_schema_is_rejected(string schema)
    {
        AssertOnly("schema", _good with { OutputSchema = schema });
        Assert.Contains(SpecRules.Check(_good with { ConfigSchema = schema }), rejection => rejection.Rule == "schema");
    }

    [Theory]
    [InlineData("{", null, null)]
    [InlineData("[]", null, null)]
    [InlineData("{}", "{", null)]
    [InlineData("{}", null, "maybe")]
    public void An_example_that_cannot_be_is_rejected(string config, string? output, string? port)
    {
        AssertOnly("example", _good with { Examples = [new NodeExample("One", config, output, port, false)] });
    }

    [Fact]
    public void An_example_may_name_any_port_where_the_ports_come_from_the_config()
    {
        Assert.Empty(SpecRules.Check(_good with { Ports = [], Examples = [new NodeExample("One", "{}", null, "maybe", false)] }));
    }

    [Fact]
    public void A_null_in_the_spec_is_rejected()
    {
        AssertOnly("spec-incomplete", _good with { Summary = null! });
        AssertOnly("spec-incomplete", _good with { Ports = [null!] });
        AssertOnly("spec-incomplete", _good with { Examples = [new NodeExample(null!, "{}", null, null, false)] });
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var rejections = SpecRules.Check(_good with { Type = "A", OutputSchema = "" });

        Assert.Equal(["node-type", "schema"], rejections.Select(rejection => rejection.Rule));
    }

    private static void AssertOnly(string rule, NodeSpec spec) => RuleBook.AssertRule(rule, Assert.Single(SpecRules.Check(spec)).Rule);
}
