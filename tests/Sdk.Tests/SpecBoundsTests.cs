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
            "word":{"type":["string","null"],"minLength":2,"maxLength":3},
            "wait":{"type":"string","pattern":"^([0-9]{1,8})(ms|s|m|h)$","x-minimum":"500ms","x-maximum":"10s"},
            "list":{"type":"array","minItems":1,"maxItems":2},
            "words":{"type":"array","maxItems":2,"items":{"type":"string","maxLength":3}},
            "labels":{"type":"object","minProperties":1,"maxProperties":2,"additionalProperties":{"type":"string"}},
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
    [InlineData("""{"word":"äöü","words":[],"list":[[1,2,3]],"labels":{"a":"b"}}""")]
    [InlineData("""{"word":"\ud83d\ude00\u0061a","words":["😀😀😀"],"list":[1,{}],"labels":{"a":"b","c":""}}""")]
    [InlineData("""{"word":null,"wait":"500ms"}""")]
    [InlineData("""{"wait":"10s"}""")]
    [InlineData("""{"wait":"1\u0030\u0073"}""")]
    public void What_is_within_its_bounds_is_held(string config) => Assert.Equal((true, ""), Judge(config));

    [Theory]
    [InlineData("""{"times":0}""", "times: must be at least 1.")]
    [InlineData("""{"times":10}""", "times: must be at most 9.")]
    [InlineData("""{"times":1e1}""", "times: must be at most 9.")]
    [InlineData("""{"times":99,"times":1}""", "times: must be at most 9.")]
    [InlineData("""{"large":9007199254740994}""", "large: must be at most 9007199254740993.")]
    [InlineData("""{"share":0.49999}""", "share: must be at least 0.5.")]
    [InlineData("""{"text":"10"}""", "text: must be at most 9.")]
    [InlineData("""{"any":10}""", "any: must be at most 9.")]
    [InlineData("""{"parts":[{"size":1},{"size":-1}]}""", "parts[1].size: must be at least 0.")]
    [InlineData("""{"parts":[{"inner":[{"inner":[{"size":-1}]}]}]}""", "parts[0].inner[0].inner[0].size: must be at least 0.")]
    [InlineData("""{"by_name":{"a":10}}""", "by_name.a: must be at most 9.")]
    [InlineData("""{"means":{"month":13,"kind":"card"}}""", "means.month: must be at most 12.")]
    [InlineData("""{"means":{"kind":2,"month":21}}""", "means.month: must be at most 20.")]
    [InlineData("""{"means":{"month":31}}""", "means.month: must be at most 30.")]
    [InlineData("""{"word":"ä"}""", "word: must have at least 2 characters.")]
    [InlineData("""{"word":"\u0061"}""", "word: must have at least 2 characters.")]
    [InlineData("""{"word":"😀"}""", "word: must have at least 2 characters.")]
    [InlineData("""{"word":"äöüß"}""", "word: must have at most 3 characters.")]
    [InlineData("""{"wait":"499ms"}""", "wait: must be at least 500ms.")]
    [InlineData("""{"wait":"11s"}""", "wait: must be at most 10s.")]
    [InlineData("""{"wait":"1m"}""", "wait: must be at most 10s.")]
    [InlineData("""{"wait":"1\u0031s"}""", "wait: must be at most 10s.")]
    [InlineData("""{"list":[]}""", "list: must have at least 1 item.")]
    [InlineData("""{"list":[[],{"a":1},null]}""", "list: must have at most 2 items.")]
    [InlineData("""{"words":["a","b","c"]}""", "words: must have at most 2 items.")]
    [InlineData("""{"words":["a","abcd"]}""", "words[1]: must have at most 3 characters.")]
    [InlineData("""{"labels":{}}""", "labels: must have at least 1 member.")]
    [InlineData("""{"labels":{"a":"","b":"","c":""}}""", "labels: must have at most 2 members.")]
    public void What_is_out_of_its_bounds_is_not_and_the_schema_says_why(string config, string problem) => Assert.Equal((false, problem), Judge(config));

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"$ref":"#"}}}""")]
    [InlineData("true")]
    public void A_schema_without_bounds_costs_nothing(string schema) => Assert.Null(SpecBounds.Of(JsonElement.Parse(schema)));

    [Theory]
    [InlineData("""{"name":"a","times":10}""", "times: must be at most 9.")]
    [InlineData("""{"name":"a","times":0}""", "times: must be at least 1.")]
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
    [InlineData("""{"name":"a","waits":["1s","2s","3s"]}""", "waits: must have at most 2 items.")]
    [InlineData("""{"name":"a","parts":[{"size":1,"rest":"2m"}]}""", "parts[0].rest: must be at most 60s.")]
    [InlineData("""{"name":"a","parts":[{"size":1,"rest":"1ms"}]}""", "parts[0].rest: must be at least 500ms.")]
    [InlineData("""{"name":"twelve chars"}""", "name: must have at most 10 characters.")]
    [InlineData("""{"name":"a","counts":{"a":1,"b":2,"c":3}}""", "counts: must have at most 2 members.")]
    [InlineData("""{"name":"a","parts":[{"size":1,"labels":["a","b"]}]}""", "parts[0].labels: must have at most 1 item.")]
    public async Task Strings_lists_dictionaries_and_durations_are_held_to_their_bounds_before_the_node_runs(string config, string message)
    {
        var called = false;
        var node = new SampleNode(_ =>
        {
            called = true;
            return new SampleOutput("", Color.Green);
        });

        var outcome = await new NodeEnvironment().RunAsync(node, config, TestContext.Current.CancellationToken);

        Assert.Equal((message, false), (outcome.Failure?.Message, called));
    }

    [Theory]
    [InlineData("""{"means":{"month":13,"number":"4111","kind":"card"}}""", "means.month: must be at most 12.")]
    [InlineData("""{"means":{"kind":"transfer","iban":"DE02","next":{"kind":"card","number":"4111","month":0}}}""", "means.next.month: must be at least 1.")]
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
