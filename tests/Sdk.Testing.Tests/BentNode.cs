using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk.Testing.Tests;

/// <summary>A node that keeps every law: it doubles a number, and says so.</summary>
[Node("double_it", Summary = "Doubles a number.", Effect = Effect.None)]
[Port("small", "The result is below 100.")]
[Port("large", "The result is 100 or more.")]
[NodeExample("Small", """{"number":4,"notes":[{"text":"a"}]}""", Output = """{"doubled":8}""", Port = "small")]
[NodeExample("Large", """{"number":50,"times":3,"pause":"5s","labels":{"en":"hundred"}}""", Output = """{"doubled":150}""", Port = "large")]
public sealed class GoodNode() : Node<GoodConfig, GoodOutput>(GoodJson.Default)
{
    protected override ValueTask<NodeResult<GoodOutput>> RunAsync(GoodConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var result = config.Number * config.Times;
        return ValueTask.FromResult(Through(result < 100 ? "small" : "large", new GoodOutput(result)));
    }
}

public sealed record GoodConfig(
    [Field("The number.", Example = "4")] int Number,
    [Field("How often; 2 by default.", Minimum = 1)] int Times = 2,
    [Field("Notes; none by default.", Maximum = 2)] IReadOnlyList<GoodNote>? Notes = null,
    [Field("How long it would take; no time by default.", Minimum = 1, Maximum = 60)] TimeSpan? Pause = null,
    [Field("What it is called where; nowhere by default.", Maximum = 2)] Dictionary<string, string>? Labels = null);

public sealed record GoodNote([Field("What it says.", Minimum = 1)] string Text);

public sealed record GoodOutput([Field("The result.")] int Doubled);

[JsonSerializable(typeof(GoodConfig))]
[JsonSerializable(typeof(GoodOutput))]
internal sealed partial class GoodJson : JsonSerializerContext;

/// <summary>The good node with one thing bent; each law is proved by one that breaks it and nothing else.</summary>
public abstract class BentNode : INode
{
    protected GoodNode Good { get; } = new();

    public virtual NodeSpec Spec => Usual;

    /// <summary>The good node's, under a type identifier that no other has.</summary>
    protected NodeSpec Usual => Good.Spec with { Type = string.Concat(GetType().Name.Select(letter => char.IsUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : $"{letter}"))[1..] };

    public virtual IReadOnlyList<string> PortsOf(JsonElement config) => Good.PortsOf(config);

    public virtual IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => Good.Check(config);

    public virtual ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        Good.RunAsync(config, context, cancellationToken);

    /// <summary>Whether the good node takes the config.</summary>
    protected bool Takes(ReadOnlyMemory<byte> config) => Good.Check(config).Count == 0;

    protected static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    protected static NodeResult Output(string json, string port) => new NodeResult.Completed(Encoding.UTF8.GetBytes(json), port);
}

/// <summary>Takes configs that the good node refuses for one kind of bound.</summary>
public abstract class TakesWhatIsOutOfBounds : BentNode
{
    protected abstract string Problem { get; }

    public override async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        await base.RunAsync(config, context, cancellationToken) is var result && result is NodeResult.Failed { Failure.Message: var message } && message.Contains(Problem, StringComparison.Ordinal)
            ? Output("""{"doubled":0}""", "small")
            : result;
}
