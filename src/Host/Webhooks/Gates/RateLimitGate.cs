using Sluice.Engine.Definitions.Triggers;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>
/// The trigger's <c>rate_limit</c>: faster requests get 429 (RFC 6585, section 4) with <c>Retry-After</c>. A limit by address is judged before
/// authentication. Any other limit is judged after it, so that nobody who can't be verified uses it up: each request is counted at one of three stages.
/// </summary>
internal sealed class RateLimitGate(RateLimits limits)
{
    /// <summary>Null if the request is within a limit that is judged before authentication.</summary>
    public IEarlyAnswer? Check(WebhookRequest request) => Check(request, default, RateLimitStage.Arrival);

    /// <summary>Null if the request is within a limit for senders that the headers verify.</summary>
    public IEarlyAnswer? Check(in ScreenedRequest request) => Check(request.Arrival, request.Sender, RateLimitStage.Headers);

    /// <summary>Null if the request is within a limit for senders that the body verifies.</summary>
    public IEarlyAnswer? Check(in VerifiedRequest request) => Check(request.Arrival, request.Sender, RateLimitStage.Body);

    private HttpProblem? Check(WebhookRequest request, Sender sender, RateLimitStage stage) =>
        request.Trigger.RateLimit is { } limit
            && StageOf(request.Trigger, limit) == stage
            && limits.Take(request.Workflow.Name, limit, RateLimits.KeyOf(limit.By, request, sender)) is { } wait
            ? Problems.RateLimited((int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue))
            : null;

    private static RateLimitStage StageOf(WebhookTrigger trigger, RateLimit limit) => trigger.Auth switch
    {
        null => RateLimitStage.Arrival,
        _ when limit.By is { Source: RateLimitSource.RemoteIp } => RateLimitStage.Arrival,
        { IsInHeaders: true } => RateLimitStage.Headers,
        _ => RateLimitStage.Body,
    };

    private enum RateLimitStage
    {
        /// <summary>Only its address is known.</summary>
        Arrival,

        /// <summary>Its sender is verified, if the headers suffice.</summary>
        Headers,

        /// <summary>Its sender is verified.</summary>
        Body,
    }
}
