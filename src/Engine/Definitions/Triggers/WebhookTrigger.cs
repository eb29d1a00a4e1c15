using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>The config of a trigger of type <c>webhook</c>.</summary>
/// <param name="Path">The path below <c>/hooks</c>, with parameters: <c>/orders/{id}</c>.</param>
/// <param name="Methods">The methods it takes, upper case; <c>POST</c> by default.</param>
/// <param name="Deadline">How long the caller waits for a reply; null for the host's default.</param>
internal sealed record WebhookTrigger(string Path, ImmutableArray<string> Methods, TimeSpan? Deadline)
{
    /// <summary>Where it listens.</summary>
    public WebhookRoute Route { get; } = new(Path, Methods);

    /// <summary>The path, ready to be matched.</summary>
    public PathPattern Pattern => Route.Pattern;

    /// <summary>The condition under which a request starts a run, an expression or a constant as written; null for always.</summary>
    public SourceNode? When { get; init; }

    /// <summary>What the caller is told when the deadline passes, as written; null for the 504 problem.</summary>
    public SourceNode.Object? OnDeadline { get; init; }

    /// <summary>What the caller is told where nothing replies, as written; null for 202 without a body.</summary>
    public SourceNode.Object? Acknowledge { get; init; }

    /// <summary>Whether a caller who hangs up before there is an answer cancels the run.</summary>
    public bool CancelsOnDisconnect { get; init; }

    /// <summary>The schemas that requests are held against; null for none.</summary>
    public RequestSchemas? Request { get; init; }

    /// <summary>How many runs of the workflow may be under way at once; null for as many as the host takes.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>How many requests are taken in a time; null for any number.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>How a request proves who sent it; null where it need not.</summary>
    public WebhookAuth? Auth { get; init; }

    /// <summary>The networks that it may come from; null for any.</summary>
    public AllowedNetworks? AllowIps { get; init; }

    /// <summary>Which pages of other origins may call it from a browser; null for none.</summary>
    public CorsSettings? Cors { get; init; }

    /// <summary>Which bodies it takes; null for all that the host takes.</summary>
    public BodySettings? Body { get; init; }

    /// <summary>What the key of a delivery is; null for the host's default.</summary>
    public IdempotencySettings? Idempotency { get; init; }
}
