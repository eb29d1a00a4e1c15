using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>A webhook's <c>idempotency</c>: how to find the delivery key. All deliveries with the same key start one run.</summary>
internal sealed record IdempotencySettings
{
    /// <summary>
    /// The default: the two standard headers. <c>Idempotency-Key</c> was used without quotes long before its draft, and most senders,
    /// including our own node <c>http</c>, still omit them.
    /// </summary>
    public static readonly IdempotencySettings Default = new() { Sources = [KeySource.IdempotencyKey with { TakesBare = true }, KeySource.StandardWebhooks] };

    /// <summary>Deliveries have no key.</summary>
    public static readonly IdempotencySettings Off = new();

    /// <summary>
    /// Where to look for the key, in order; the first source with a value applies. Empty if an expression computes the key.
    /// </summary>
    public ImmutableArray<KeySource> Sources { get; init; } = [];

    /// <summary>A string with expressions that computes the key; null if the sources provide it.</summary>
    public SourceNode.Text? Expression { get; init; }

    /// <summary>The path of the expression from the trigger's config.</summary>
    public string ExpressionField { get; init; } = "idempotency";

    /// <summary>Whether a delivery without a key is rejected.</summary>
    public bool IsRequired { get; init; }

    /// <summary>How long a key is remembered, from its first delivery; null for the host's default.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Whether a different payload under the same key is rejected. Otherwise it counts as the same delivery.</summary>
    public bool ComparesPayloads { get; init; } = true;
}

/// <summary>
/// Where senders put the delivery key: a header, or a member of a JSON body. Each sender documents that the value stays the same when it
/// repeats a delivery.
/// </summary>
/// <param name="Name">The name in workflows.</param>
/// <param name="Header">The header; null if the key is in the body.</param>
/// <param name="BodyMember">The member of the body; null if the key is in a header.</param>
internal sealed record KeySource(string Name, string? Header, string? BodyMember = null)
{
    /// <summary>draft-ietf-httpapi-idempotency-key-header: a string as defined by RFC 9651, section 3.3.3.</summary>
    public static readonly KeySource IdempotencyKey = new("idempotency_key", "Idempotency-Key") { IsStructured = true };

    /// <summary>The message identifier of the Standard Webhooks specification.</summary>
    public static readonly KeySource StandardWebhooks = new("standard_webhooks", "webhook-id");

    /// <summary>Whether the header's value is a structured-field string, in quotes.</summary>
    public bool IsStructured { get; init; }

    /// <summary>Whether the quotes of a structured-field string may be missing.</summary>
    public bool TakesBare { get; init; }

    /// <summary>Whether the sender changes the payload when it repeats a delivery.</summary>
    public bool RepeatsDiffer { get; init; }
}
