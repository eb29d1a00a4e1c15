using Sluice.Engine.Expressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Expressions;

public sealed class ConfigTemplateTests
{
    private static readonly SourceNode.Object Config = new(
        [
            new("status", new Position(2, 3), new SourceNode.Literal("200", new Position(2, 11))),
            new("x-\"id", new Position(3, 3), Text("{{ trigger.output.body.id }}", 3, 11)),
            new("body", new Position(4, 3), new SourceNode.Object(
                [
                    new("list", new Position(5, 5), new SourceNode.Array([Text("a", 5, 12), Text("b {{ secrets.k }}", 5, 15), Text("{{ secrets.k }}", 5, 40)], new Position(5, 11))),
                    new("constant", new Position(6, 5), new SourceNode.Object([new("é", default, Text("<&>\n", 6, 20))], new Position(6, 15))),
                ],
                new Position(4, 9))),
        ],
        new Position(1, 1));

    private static readonly ExpressionSite Site = new("orders", "reply", "config", new Position(1, 1));

    [Fact]
    public void Strings_are_evaluated_wherever_they_stand()
    {
        var (config, problems) = Compile(Config);
        Assert.Empty(problems);
        Assert.False(config.IsLiteral);
        Assert.Equal(
            """{"status":200,"x-\"id":7,"body":{"list":["a","b s3","s3"],"constant":{"é":"<&>\n"}}}""",
            Compiled.Write(writer => config.WriteTo(writer, new JsonScope("""{ "trigger": { "output": { "body": { "id": 7 } } }, "secrets": { "k": "s3" } }"""))));
    }

    [Fact]
    public void It_knows_what_it_reads_and_where()
    {
        var (config, _) = Compile(Config);
        var use = Assert.Single(config.References);
        Assert.Equal("trigger", use.Reference.Root);
        Assert.Equal(["output", "body", "id"], use.Reference.Parts.Select(part => part.Name));
        Assert.Equal("config.x-\"id", use.Site.Path);
        Assert.Equal(new Position(3, 14), use.Site.At);
        Assert.Equal(["k"], config.Secrets);
    }

    [Fact]
    public void A_config_without_expressions_is_one_constant()
    {
        var (config, _) = Compile(new SourceNode.Object([new("a", default, Text("{{ '{{' }}", 1, 1)), new("b", default, new SourceNode.Array([], default))], default));
        Assert.True(config.IsLiteral);
        Assert.Equal("""{"a":"{{","b":[]}""", Compiled.Write(writer => config.WriteTo(writer, new JsonScope("{}"))));
    }

    [Fact]
    public void A_problem_carries_the_path_of_its_field()
    {
        var (_, problems) = Compile(new SourceNode.Object([new("conditions", default, new SourceNode.Array([Text("{{ nope() }}", 9, 5)], default))], default));
        var problem = Assert.Single(problems);
        Assert.Equal(("unknown-function", "reply", "config.conditions[0]", new Position(9, 8)), (problem.Rule, problem.Step, problem.Path, problem.At!.Value));
    }

    private static SourceNode.Text Text(string value, int line, int column) => new(value, new Position(line, column));

    private static (ConfigTemplate Config, List<Problem> Problems) Compile(SourceNode node)
    {
        var problems = new List<Problem>();
        return (ConfigTemplate.Compile(node, Site, problems), problems);
    }
}
