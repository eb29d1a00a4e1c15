using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Names values for later steps.</summary>
[Node("set", Name = "Set values", Category = "Logic",
    Summary = "Names values. The object in `values` is the output of the step, so later steps read `{{ step_key.output.name }}`.")]
public sealed class Set() : PureNode<SetConfig, OrderedDictionary<string, JsonElement>>(SetJson.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples => [Showing("Two values", TwoValues), Showing("No values", [])];

    /// <inheritdoc/>
    protected override NodeResult<OrderedDictionary<string, JsonElement>> Run(SetConfig config, CancellationToken cancellationToken) => config.Values;

    private static OrderedDictionary<string, JsonElement> TwoValues =>
        new() { ["currency"] = JsonElement.Parse("\"EUR\""), ["limit"] = JsonElement.Parse("100") };

    private static Example Showing(string summary, OrderedDictionary<string, JsonElement> values) => new(summary, new(values)) { Output = values };
}

/// <summary>The config of <see cref="Set"/>.</summary>
public sealed record SetConfig(
    [Field("The values by name: any JSON. The output of the step.", Example = """{"currency":"EUR","limit":100}""")]
    OrderedDictionary<string, JsonElement> Values);

[JsonSerializable(typeof(SetConfig))]
[JsonSerializable(typeof(OrderedDictionary<string, JsonElement>))]
internal sealed partial class SetJson : JsonSerializerContext;
