using Sluice.Engine.Definitions.Triggers;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>
/// The trigger's <c>rate_limit</c>: faster requests get 429 (RFC 6585, section 4) with <c>Retry-After</c>. A limit by address is judged before
/// authentication. Any other limit is judged after it, so that nobody who can't be verified uses it up; the gate stands in three places, and each
/// request is counted in one of them.
/// </summary>
internal sealed class RateLimitGate(RateLimits limits, RateLimitStage stage) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (request.Trigger.RateLimit is not { } limit || StageOf(request.Trigger, limit) != stage)
        {
            return default;
        }

        return new(limits.Take(request.Workflow.Name, limit, RateLimits.KeyOf(limit.By, request)) is { } wait
            ? Problems.RateLimited((int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue))
            : null);
    }

    private static RateLimitStage StageOf(WebhookTrigger trigger, RateLimit limit) => trigger.Auth switch
    {
        null => RateLimitStage.Arrival,
        _ when limit.By is { Source: RateLimitSource.RemoteIp } => RateLimitStage.Arrival,
        { IsInHeaders: true } => RateLimitStage.Headers,
        _ => RateLimitStage.Body,
    };
}

/// <summary>What is known of a request where a limit is judged.</summary>
internal enum RateLimitStage
{
    /// <summary>Its address.</summary>
    Arrival,

    /// <summary>Its sender, verified by the headers alone.</summary>
    Headers,

    /// <summary>Its sender, verified with the body.</summary>
    Body,
}
