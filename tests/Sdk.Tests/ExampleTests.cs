using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk.Tests;

/// <summary>Examples that a node gives as records, and what its spec makes of them.</summary>
public sealed class ExampleTests
{
    private readonly IReadOnlyList<NodeExample> _examples = new Shown().Spec.Examples;

    [Fact]
    public void Examples_of_the_attribute_come_first() => Assert.Equal(new NodeExample("As JSON", """{"name":"a"}""", null, null, false), _examples[0]);

    [Fact]
    public void A_config_shows_only_members_that_differ_from_their_defaults() =>
        Assert.Equal(new NodeExample("Defaults", """{"name":"a"}""", """{"name":"a","color":"green"}""", "out", false), _examples[1]);

    [Fact]
    public void A_config_is_written_as_a_workflow_writes_it() =>
        Assert.Equal(
            """{"name":"ä","color":"dark_red","border_color":"green","times":2,"wait":"1500ms","anything":null,"parts":[{"size":0},{"size":1,"rest":"5s"}],"counts":{"A-b":1}}""",
            _examples[2].Config);

    [Fact]
    public void An_example_without_an_output_shows_none() => Assert.Equal((null, true), (_examples[2].Output, _examples[2].NeedsNetwork));

    [Fact]
    public void The_default_of_a_value_type_is_an_output() => Assert.Equal(["0", null], new Counter().Spec.Examples.Select(example => example.Output));

    [Fact]
    public void The_discriminator_of_a_union_is_written() =>
        Assert.Equal("""{"means":{"kind":"transfer","iban":"DE02"}}""", Assert.Single(new Payer().Spec.Examples).Config);

    [Node("shown")]
    [NodeExample("As JSON", """{"name":"a"}""")]
    private sealed class Shown() : PureNode<SampleConfig, SampleOutput>(SampleJson.Default)
    {
        protected override IReadOnlyList<Example> Examples =>
        [
            new("Defaults", new("a", Color.Green, Times: 1)) { Output = new("a", Color.Green), Port = "out" },
            new(
                "Everything",
                new(
                    "ä", Color.DarkRed, Color.Green, 2, TimeSpan.FromMilliseconds(1500), JsonElement.Parse("null"),
                    Parts: [new(0), new(1, Rest: TimeSpan.FromSeconds(5))], Counts: new() { ["A-b"] = 1 }))
            {
                NeedsNetwork = true,
            },
        ];

        protected override NodeResult<SampleOutput> Run(SampleConfig config, CancellationToken cancellationToken) => new SampleOutput(config.Name, config.Color);
    }

    [Node("counter")]
    private sealed class Counter() : PureNode<AdderConfig, int>(CounterJson.Default)
    {
        protected override IReadOnlyList<Example> Examples => [new("None", new(0)) { Output = 0 }, new("One", new(1))];

        protected override NodeResult<int> Run(AdderConfig config, CancellationToken cancellationToken) => config.Left;
    }

    [Node("payer")]
    private sealed class Payer() : PureNode<UnionConfig, UnionOutput>(UnionJson.Default)
    {
        protected override IReadOnlyList<Example> Examples => [new("Transfer", new(new TransferMeans("DE02")))];

        protected override NodeResult<UnionOutput> Run(UnionConfig config, CancellationToken cancellationToken) => new UnionOutput("");
    }
}

[JsonSerializable(typeof(AdderConfig))]
[JsonSerializable(typeof(int))]
internal sealed partial class CounterJson : JsonSerializerContext;
