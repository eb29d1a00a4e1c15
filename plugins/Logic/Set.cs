using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Gives values a name, for later steps to read.</summary>
[Node("set", Name = "Set values", Category = "Logic", Effect = Effect.None,
    Summary = "Names values. The object in `values` is the output of the step, so later steps read `{{ step_key.output.name }}`.")]
[NodeExample("Two values", """{"values":{"currency":"EUR","limit":100}}""", Output = """{"currency":"EUR","limit":100}""")]
[NodeExample("No values", """{"values":{}}""", Output = "{}")]
public sealed class Set() : Node<SetConfig, OrderedDictionary<string, JsonElement>>(Json.Default)
{
    /// <inheritdoc/>
    protected override ValueTask<NodeResult<OrderedDictionary<string, JsonElement>>> RunAsync(
        SetConfig config, NodeContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<NodeResult<OrderedDictionary<string, JsonElement>>>(config.Values);
}

/// <summary>The config of <see cref="Set"/>.</summary>
public sealed record SetConfig(
    [Field("The values by name: any JSON. The output of the step.", Example = """{"currency":"EUR","limit":100}""")]
    OrderedDictionary<string, JsonElement> Values);
