using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Says whether a request is from whom its workflow expects. One per workflow version, asked by many requests at once.</summary>
/// <remarks>Laws: what is compared to a secret is compared in constant time. Nothing here throws for what a caller sent. A secret that is empty verifies nothing.
/// A request that is verified has its <see cref="WebhookRequest.Identity"/>.</remarks>
internal interface IVerifier
{
    /// <summary>What is known before any of the body is read: refuses what can't become right any more.</summary>
    ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>The rest, on the body's bytes as they came over the wire.</summary>
    Refused? CheckBody(WebhookRequest request) => null;

    /// <summary>What a sender that was verified is answered in the place of a run; null where its request is one for a run.</summary>
    Gates.IEarlyAnswer? AnswerTo(WebhookRequest request) => null;

    /// <summary>The header that carries a credential which is good again as it stands: once verified it is masked for everybody after. Null where there is none.</summary>
    string? CredentialHeader => null;

    /// <summary>The challenge of a 401 (RFC 9110, section 11.6.1); null where the scheme has none.</summary>
    string? Challenge(Refused refused) => null;
}

/// <summary>Why a request is refused.</summary>
/// <param name="Reason">The rule.</param>
/// <param name="Detail">What was wrong, for the operator: one of few texts, and nothing of what was sent.</param>
internal sealed record Refused(RefusalReason Reason, string Detail);
