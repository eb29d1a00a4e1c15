using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk.Testing.Tests;

/// <summary>A node that keeps every law: it doubles a number, and says so.</summary>
[Node("double_it", Summary = "Doubles a number.", Effect = Effect.None)]
[Port("small", "The result is below 100.")]
[Port("large", "The result is 100 or more.")]
[NodeExample("Small", """{"number":4,"notes":[{"text":"a"}]}""", Output = """{"doubled":8}""", Port = "small")]
[NodeExample("Large", """{"number":50,"times":3}""", Output = """{"doubled":150}""", Port = "large")]
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
    [Field("Notes; none by default.")] IReadOnlyList<GoodNote>? Notes = null);

public sealed record GoodNote([Field("What it says.")] string Text);

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
