using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>The config of a trigger of type <c>webhook</c>.</summary>
/// <param name="Path">The path below <c>/hooks</c>, with parameters: <c>/orders/{id}</c>.</param>
/// <param name="Methods">The accepted methods, in uppercase; <c>POST</c> by default.</param>
/// <param name="Deadline">How long the caller waits for a reply; null for the host's default.</param>
internal sealed record WebhookTrigger(string Path, ImmutableArray<string> Methods, TimeSpan? Deadline)
{
    /// <summary>Where it listens.</summary>
    public WebhookRoute Route { get; } = new(Path, Methods);

    /// <summary>The path, ready to be matched.</summary>
    public PathPattern Pattern => Route.Pattern;

    /// <summary>The condition under which a request starts a run, as an expression or constant; null for always.</summary>
    public SourceNode? When { get; init; }

    /// <summary>The response if the deadline passes, as written; null for the 504 problem.</summary>
    public SourceNode.Object? OnDeadline { get; init; }

    /// <summary>The response if nothing replies, as written; null for 202 without a body.</summary>
    public SourceNode.Object? Acknowledge { get; init; }

    /// <summary>Whether a caller that disconnects before the response cancels the run.</summary>
    public bool CancelsOnDisconnect { get; init; }

    /// <summary>The schemas that requests must match; null for none.</summary>
    public RequestSchemas? Request { get; init; }

    /// <summary>How many runs of the workflow may be active at once; null for the host's limit.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>The rate limit of requests; null for none.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>How a request authenticates; null if it need not.</summary>
    public WebhookAuth? Auth { get; init; }

    /// <summary>The networks that may call it; null for all.</summary>
    public AllowedNetworks? AllowIps { get; init; }

    /// <summary>Which pages of other origins may call it from a browser; null for none.</summary>
    public CorsSettings? Cors { get; init; }

    /// <summary>The bodies it accepts; null for all that the host accepts.</summary>
    public BodySettings? Body { get; init; }

    /// <summary>How to find the delivery key; null for the host's default.</summary>
    public IdempotencySettings? Idempotency { get; init; }
}
