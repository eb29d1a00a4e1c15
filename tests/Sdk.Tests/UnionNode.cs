using System.Text.Json.Serialization;

namespace Sluice.Sdk.Tests;

/// <summary>A node whose config holds a union, on its own and in a list.</summary>
[Node("union", Name = "Union", Category = "Tests", Summary = "Pays.", Effect = Effect.None)]
[NodeExample("Card", """{"means":{"kind":"card","number":"4111","month":3}}""")]
internal sealed class UnionNode : Node<UnionConfig, UnionOutput>
{
    public UnionNode()
        : base(UnionJson.Default)
    {
    }

    protected override ValueTask<NodeResult<UnionOutput>> RunAsync(UnionConfig config, NodeContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<NodeResult<UnionOutput>>(new UnionOutput($"{config.Means}"));
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CardMeans), "card")]
[JsonDerivedType(typeof(TransferMeans), "transfer")]
internal abstract record Means;

internal sealed record CardMeans([Field("The number.")] string Number, [Field("The month.", Minimum = 1, Maximum = 12)] int Month) : Means;

internal sealed record TransferMeans([Field("The account.")] string Iban, [Field("What to try next.")] Means? Next = null) : Means;

internal sealed record UnionConfig([Field("By what.")] Means Means, [Field("By what else.")] IReadOnlyList<Means>? Others = null);

internal sealed record UnionOutput([Field("What was taken.")] string Taken);

[JsonSerializable(typeof(UnionConfig))]
[JsonSerializable(typeof(UnionOutput))]
internal sealed partial class UnionJson : JsonSerializerContext;
