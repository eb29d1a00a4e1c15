using System.Text;
using System.Text.Json;
using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

public sealed class SpecBoundsTests
{
    private const string Schema = """
        {"type":"object","properties":{
            "times":{"type":"integer","minimum":1,"maximum":9},
            "large":{"type":"integer","maximum":9007199254740993},
            "share":{"type":["number","null"],"minimum":0.5},
            "text":{"type":["string","integer"],"maximum":9},
            "any":{"maximum":9},
            "free":{"type":"integer"},
            "parts":{"type":"array","items":{"type":"object","properties":{"size":{"type":"number","minimum":0},"inner":{"$ref":"#/properties/parts"}}}},
            "by_name":{"type":"object","properties":{"named":{"type":"integer"}},"additionalProperties":{"type":"integer","maximum":9}},
            "means":{"type":"object","anyOf":[
                {"properties":{"kind":{"const":"card"},"month":{"type":"integer","maximum":12}}},
                {"properties":{"kind":{"const":2},"month":{"type":"integer","maximum":20}}},
                {"properties":{"month":{"type":"integer","maximum":30}}}]}}}
        """;

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"times":1,"large":9007199254740993,"share":null,"text":"9","any":"ten","free":99}""")]
    [InlineData("""{"times":9,"share":0.5,"parts":[{"size":0},{"inner":[{"size":1}]}],"by_name":{"named":99,"a":9}}""")]
    [InlineData("""{"means":{"month":12,"kind":"card"}}""")]
    [InlineData("""{"means":{"month":20,"kind":2}}""")]
    [InlineData("""{"means":{"month":30}}""")]
    public void What_is_within_its_bounds_is_held(string config) => Assert.Equal((true, ""), Judge(config));

    [Theory]
    [InlineData("""{"times":0}""", "times: must be at least 1, and is a smaller number.")]
    [InlineData("""{"times":10}""", "times: must be at most 9, and is a larger number.")]
    [InlineData("""{"times":1e1}""", "times: must be at most 9, and is a larger number.")]
    [InlineData("""{"times":99,"times":1}""", "times: must be at most 9, and is a larger number.")]
    [InlineData("""{"large":9007199254740994}""", "large: must be at most 9007199254740993, and is a larger number.")]
    [InlineData("""{"share":0.49999}""", "share: must be at least 0.5, and is a smaller number.")]
    [InlineData("""{"text":"10"}""", "text: must be at most 9, and is a larger number.")]
    [InlineData("""{"any":10}""", "any: must be at most 9, and is a larger number.")]
    [InlineData("""{"parts":[{"size":1},{"size":-1}]}""", "parts[1].size: must be at least 0, and is a smaller number.")]
    [InlineData("""{"parts":[{"inner":[{"inner":[{"size":-1}]}]}]}""", "parts[0].inner[0].inner[0].size: must be at least 0, and is a smaller number.")]
    [InlineData("""{"by_name":{"a":10}}""", "by_name.a: must be at most 9, and is a larger number.")]
    [InlineData("""{"means":{"month":13,"kind":"card"}}""", "means.month: must be at most 12, and is a larger number.")]
    [InlineData("""{"means":{"kind":2,"month":21}}""", "means.month: must be at most 20, and is a larger number.")]
    [InlineData("""{"means":{"month":31}}""", "means.month: must be at most 30, and is a larger number.")]
    public void What_is_out_of_its_bounds_is_not_and_the_schema_says_why(string config, string problem) => Assert.Equal((false, problem), Judge(config));

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"$ref":"#"}}}""")]
    [InlineData("true")]
    public void A_schema_without_bounds_costs_nothing(string schema) => Assert.Null(SpecBounds.Of(JsonElement.Parse(schema)));

    [Theory]
    [InlineData("""{"name":"a","times":10}""", "times: must be at most 9, and is a larger number.")]
    [InlineData("""{"name":"a","times":0}""", "times: must be at least 1, and is a smaller number.")]
    public async Task A_node_is_not_called_with_a_number_out_of_its_bounds(string config, string message)
    {
        var called = false;
        var node = new SampleNode(_ =>
        {
            called = true;
            return new SampleOutput("", Color.Green);
        });

        var outcome = await new NodeEnvironment().RunAsync(node, config, TestContext.Current.CancellationToken);

        Assert.Equal((new NodeFailure(FailureKind.Config, message) { ConfigPath = message[..message.IndexOf(':', StringComparison.Ordinal)] }, false), (outcome.Failure, called));
        Assert.Equal(message, string.Join(' ', ((INode)node).Check(Encoding.UTF8.GetBytes(config)).Select(problem => $"{problem.Path}: {problem.Message}")));
    }

    [Theory]
    [InlineData("""{"means":{"month":13,"number":"4111","kind":"card"}}""", "means.month: must be at most 12, and is a larger number.")]
    [InlineData("""{"means":{"kind":"transfer","iban":"DE02","next":{"kind":"card","number":"4111","month":0}}}""", "means.next.month: must be at least 1, and is a smaller number.")]
    public async Task Nested_records_and_unions_are_held_to_their_bounds(string config, string message)
    {
        var outcome = await new NodeEnvironment().RunAsync(new UnionNode(), config, TestContext.Current.CancellationToken);

        Assert.Equal(new NodeFailure(FailureKind.Config, message) { ConfigPath = message[..message.IndexOf(':', StringComparison.Ordinal)] }, outcome.Failure);
    }

    // What the fast walk says, and the words of the slow one: they must agree.
    private static (bool Holds, string Problems) Judge(string config)
    {
        var schema = JsonElement.Parse(Schema);
        var problems = SchemaCheck.Problems(schema, JsonElement.Parse(config)).Select(problem => $"{problem.Path}: {problem.Message}");
        return (SpecBounds.Of(schema)!.Hold(Encoding.UTF8.GetBytes(config)), string.Join(' ', problems));
    }
}
