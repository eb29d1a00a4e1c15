using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Sends the run one of several ways, by a value.</summary>
[Node("switch", Name = "Switch", Category = "Logic", Effect = Effect.None,
    Summary = "Compares `value` with each case in order, and leaves through the port of the first match, or through `default`.")]
[NodeExample("A case matches", """{"value":"payment.failed","cases":{"paid":"payment.succeeded","lost":["payment.failed","payment.canceled"]}}""",
    Output = """{"case":"lost"}""", Port = "lost")]
[NodeExample("No case matches", """{"value":"customer.created","cases":{"paid":"payment.succeeded"}}""",
    Output = """{"case":"default"}""", Port = "default")]
[NodeExample("Numbers match by value", """{"value":1.0,"cases":{"one":1,"two":2}}""", Output = """{"case":"one"}""", Port = "one")]
public sealed class Switch() : Node<SwitchConfig, SwitchOutput>(Json.Default)
{
    private const string Default = "default";

    /// <inheritdoc/>
    public override IReadOnlyList<string> PortsOf(JsonElement config) =>
        config.ValueKind is JsonValueKind.Object && config.TryGetProperty("cases", out var cases) && cases.ValueKind is JsonValueKind.Object
            ? [.. cases.EnumerateObject().Select(@case => @case.Name), Default]
            : [Default];

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(SwitchConfig config) =>
        config.Cases.ContainsKey(Default)
            ? [new("cases.default", "`default` is the port for a value that matches no case; give this case another name.")]
            : [];

    /// <inheritdoc/>
    protected override ValueTask<NodeResult<SwitchOutput>> RunAsync(SwitchConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var port = Default;
        foreach (var (name, wanted) in config.Cases)
        {
            if (Matches(config.Value, wanted))
            {
                port = name;
                break;
            }
        }

        return ValueTask.FromResult(Through(port, new SwitchOutput(port)));
    }

    private static bool Matches(JsonElement value, JsonElement wanted) =>
        Reading.Same(value, wanted) || (wanted.ValueKind is JsonValueKind.Array && wanted.EnumerateArray().Any(one => Reading.Same(value, one)));
}

/// <summary>The config of <see cref="Switch"/>.</summary>
public sealed record SwitchConfig(
    [Field("The value to compare: any JSON, usually a string. A missing value is null.", Example = "\"payment.failed\"")]
    JsonElement Value,
    [Field("The ports by name, each with a value or a list of values. They are compared in this order, case-sensitively, like `equals` in `logic_gate`. "
        + "No case can be named `default`.",
        Example = """{"paid":"payment.succeeded","lost":["payment.failed","payment.canceled"]}""")]
    OrderedDictionary<string, JsonElement> Cases);

/// <summary>The output of <see cref="Switch"/>.</summary>
public sealed record SwitchOutput(
    [Field("The name of the port.", Example = "\"lost\"")] string Case);
