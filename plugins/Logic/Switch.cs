using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Branches a run by one value, with any number of ports.</summary>
[Node("switch", Name = "Switch", Category = "Logic",
    Summary = "Compares `value` with each case in order, and leaves through the port of the first match, or through `default`.")]
public sealed class Switch() : PureNode<SwitchConfig, SwitchOutput>(SwitchJson.Default)
{
    private const string Default = "default";

    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        new(
            "A case matches",
            new(
                Any("\"payment.failed\""),
                new() { ["paid"] = Any("\"payment.succeeded\""), ["lost"] = Any("""["payment.failed","payment.canceled"]""") }))
        {
            Output = new("lost"),
            Port = "lost",
        },
        new("No case matches", new(Any("\"customer.created\""), new() { ["paid"] = Any("\"payment.succeeded\"") }))
        {
            Output = new(Default),
            Port = Default,
        },
        new("Numbers match by value", new(Any("1.0"), new() { ["one"] = Any("1"), ["two"] = Any("2") })) { Output = new("one"), Port = "one" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<string> PortsOf(JsonElement config) =>
        config.ValueKind is JsonValueKind.Object && config.TryGetProperty("cases", out var cases) && cases.ValueKind is JsonValueKind.Object
            ? [.. cases.EnumerateObject().Select(@case => @case.Name), Default]
            : [Default];

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(SwitchConfig config) =>
        config.Cases.ContainsKey(Default)
            ? [new("cases.default", "`default` is the port for a value that matches no case. Give this case another name.")]
            : [];

    /// <inheritdoc/>
    protected override NodeResult<SwitchOutput> Run(SwitchConfig config, CancellationToken cancellationToken)
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

        return Through(port, new SwitchOutput(port));
    }

    private static bool Matches(JsonElement value, JsonElement wanted) =>
        Reading.Same(value, wanted) || (wanted.ValueKind is JsonValueKind.Array && wanted.EnumerateArray().Any(one => Reading.Same(value, one)));

    private static JsonElement Any(string json) => JsonElement.Parse(json);
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

[JsonSerializable(typeof(SwitchConfig))]
[JsonSerializable(typeof(SwitchOutput))]
internal sealed partial class SwitchJson : JsonSerializerContext;
