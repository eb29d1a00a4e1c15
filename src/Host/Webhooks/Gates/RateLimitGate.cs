namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>rate_limit</c>: what comes faster is answered 429 (RFC 6585, section 4) with <c>Retry-After</c>, before its body is read.</summary>
internal sealed class RateLimitGate(RateLimits limits) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (request.Trigger.RateLimit is not { } limit)
        {
            return default;
        }

        return new(limits.Take(request.Workflow.Name, limit, RateLimits.KeyOf(limit.By, request)) is { } wait
            ? Problems.RateLimited((int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue))
            : null);
    }
}
