using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>A webhook's <c>idempotency</c>: what the key of a delivery is, under which it starts one run however often it comes.</summary>
internal sealed record IdempotencySettings
{
    /// <summary>
    /// Where nothing is configured: the two headers that were made for it. <c>Idempotency-Key</c> was in use, without quotes, long before its draft,
    /// and most senders still write it so: our own node <c>http</c> too.
    /// </summary>
    public static readonly IdempotencySettings Default = new() { Sources = [KeySource.IdempotencyKey with { TakesBare = true }, KeySource.StandardWebhooks] };

    /// <summary>No delivery has a key.</summary>
    public static readonly IdempotencySettings Off = new();

    /// <summary>Where the key is looked for, in order; the first that has one counts. Empty where an expression gives it.</summary>
    public ImmutableArray<KeySource> Sources { get; init; } = [];

    /// <summary>A text with expressions that gives the key; null where the sources do.</summary>
    public SourceNode.Text? Expression { get; init; }

    /// <summary>Where the expression stands, from the trigger's config.</summary>
    public string ExpressionField { get; init; } = "idempotency";

    /// <summary>Whether a delivery without a key is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>How long the key counts, from its first delivery; null for the host's default.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether another payload under the same key is refused. Otherwise it counts as the same.</summary>
    public bool ComparesPayloads { get; init; } = true;
}

/// <summary>
/// A place that senders put the key of a delivery into: a header, or a member of a JSON body. Each sender's documentation says that the value stays the
/// same when a delivery is repeated.
/// </summary>
/// <param name="Name">How workflows name it.</param>
/// <param name="Header">The header; null where it is in the body.</param>
/// <param name="BodyMember">The member of the body; null where it is a header.</param>
internal sealed record KeySource(string Name, string? Header, string? BodyMember = null)
{
    /// <summary>draft-ietf-httpapi-idempotency-key-header: a string in the sense of RFC 9651, section 3.3.3.</summary>
    public static readonly KeySource IdempotencyKey = new("idempotency_key", "Idempotency-Key") { IsStructured = true };

    /// <summary>The message's identifier of the Standard Webhooks specification.</summary>
    public static readonly KeySource StandardWebhooks = new("standard_webhooks", "webhook-id");

    /// <summary>Whether the header's value is a structured-field string, in quotes.</summary>
    public bool IsStructured { get; init; }

    /// <summary>Whether a structured-field string may come without its quotes.</summary>
    public bool TakesBare { get; init; }

    /// <summary>Whether the sender changes the payload when it repeats a delivery.</summary>
    public bool RepeatsDiffer { get; init; }
}
