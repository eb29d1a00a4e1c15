using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Checking;

internal enum TestMethod
{
    Get,
    Post,
    Delete,
}

internal enum TestOperator
{
    Equals,
    NotEquals,
    GreaterThan,
}

internal sealed record FetchConfig(
    [property: Field("Where to.")] string Url,
    [property: Field("How.")] TestMethod Method = TestMethod.Get,
    [property: Field("Headers to send.", Maximum = 2)] IReadOnlyDictionary<string, string>? Headers = null,
    [property: Field("How often.", Minimum = 0, Maximum = 5)] int Retries = 0,
    [property: Field("Whether to follow.")] bool Follow = true,
    [property: Field("What to send.")] JsonElement? Body = null,
    [property: Field("How long to wait.", Example = "\"10s\"", Minimum = 1, Maximum = 600)] TimeSpan? Wait = null,
    [property: Field("A name for the log, always the same.", Expressions = false, Minimum = 2, Maximum = 20)] string? Label = null);

internal sealed record FetchOutput(int Status, JsonElement? Body, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<FetchTry> Tries);

internal sealed record FetchTry(string Address, double Seconds);

/// <summary>Every kind of field; its own check wants https.</summary>
[Node("fetch", Summary = "Fetches.")]
internal sealed class FetchNode() : TestNode<FetchConfig, FetchOutput>
{
    protected override IReadOnlyList<ConfigProblem> Check(FetchConfig config) => config.Url.StartsWith("https://", StringComparison.Ordinal)
        ? []
        : [new ConfigProblem("url", "The address starts with https://; write that.")];
}

internal sealed record GateConfig([property: Field("What must hold.", Maximum = 1)] IReadOnlyList<GateCondition> Conditions);

internal sealed record GateCondition(
    [property: Field("Left side.")] JsonElement Field,
    [property: Field("How they compare.")] TestOperator Operator,
    [property: Field("Right side.")] JsonElement? Value = null,
    [property: Field("Further conditions.")] IReadOnlyList<GateCondition>? Any = null);

internal sealed record GateOutput(bool Result);

/// <summary>Two ports, and a config that holds itself.</summary>
[Node("gate", Effect = Effect.None)]
[Port("true", "All hold.")]
[Port("false", "One does not.")]
internal sealed class GateNode() : TestNode<GateConfig, GateOutput>;

internal sealed record PickConfig(JsonElement Value, IReadOnlyDictionary<string, JsonElement> Cases);

internal sealed record PickOutput(string Case);

/// <summary>Ports that depend on the config.</summary>
[Node("pick", Effect = Effect.None)]
internal sealed class PickNode() : TestNode<PickConfig, PickOutput>
{
    public override IReadOnlyList<string> PortsOf(JsonElement config) =>
        config.TryGetProperty("cases", out var cases) && cases.ValueKind == JsonValueKind.Object
            ? [.. cases.EnumerateObject().Select(member => member.Name), "default"]
            : throw new InvalidOperationException("no cases");
}

internal sealed record ReplyConfig([property: Field("Status.", Minimum = 200, Maximum = 599)] int Status = 200, JsonElement? Body = null);

internal sealed record ReplyOutput(bool Sent, int Status);

/// <summary>Answers the caller.</summary>
[Node("reply", Effect = Effect.Reply)]
internal sealed class ReplyNode() : TestNode<ReplyConfig, ReplyOutput>;

internal sealed record SetConfig(IReadOnlyDictionary<string, JsonElement> Values);

/// <summary>An output that nothing is known of.</summary>
[Node("set", Effect = Effect.None)]
internal sealed class SetNode() : TestNode<SetConfig, JsonElement>;

internal abstract class TestNode<TConfig, TOutput>() : Node<TConfig, TOutput>(TestJson.Default)
    where TConfig : class
{
    protected override ValueTask<NodeResult<TOutput>> RunAsync(TConfig config, NodeContext context, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Checks run no node.");
}

[JsonSerializable(typeof(FetchConfig))]
[JsonSerializable(typeof(FetchOutput))]
[JsonSerializable(typeof(GateConfig))]
[JsonSerializable(typeof(GateOutput))]
[JsonSerializable(typeof(PayConfig))]
[JsonSerializable(typeof(PayOutput))]
[JsonSerializable(typeof(PickConfig))]
[JsonSerializable(typeof(PickOutput))]
[JsonSerializable(typeof(ReplyConfig))]
[JsonSerializable(typeof(ReplyOutput))]
[JsonSerializable(typeof(SetConfig))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class TestJson : JsonSerializerContext;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CardMeans), "card")]
[JsonDerivedType(typeof(TransferMeans), "transfer")]
internal abstract record Means;

internal sealed record CardMeans([property: Field("The number.")] string Number, [property: Field("The month.", Minimum = 1, Maximum = 12)] int Month) : Means;

internal sealed record TransferMeans([property: Field("The account.")] string Iban) : Means;

internal sealed record PayConfig([property: Field("By what.")] Means Means);

internal sealed record PayOutput(bool Paid);

/// <summary>A config with a union.</summary>
[Node("pay", Effect = Effect.None)]
internal sealed class PayNode() : TestNode<PayConfig, PayOutput>;
