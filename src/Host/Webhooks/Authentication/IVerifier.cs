using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Says whether a request is from whom its workflow expects. One per workflow version, asked by many requests at once.</summary>
/// <remarks>Laws: what is compared to a secret is compared in constant time. Nothing here throws for what a caller sent. A secret that is empty verifies nothing.
/// A request that is verified has an identity, from its headers or its body.</remarks>
internal interface IVerifier
{
    /// <summary>What is known before any of the body is read: refuses what can't become right any more.</summary>
    ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>The rest, on the body's bytes as they came over the wire.</summary>
    Verdict CheckBody(in ReceivedRequest request) => Verdict.Open;

    /// <summary>What a sender that was verified is answered in the place of a run; null where its request is one for a run.</summary>
    IEarlyAnswer? AnswerTo(ReadOnlySpan<byte> body) => null;

    /// <summary>The header that carries a credential which is good again as it stands: once verified it is masked for everybody after. Null where there is none.</summary>
    string? CredentialHeader => null;

    /// <summary>The challenge of a 401 (RFC 9110, section 11.6.1); null where the scheme has none.</summary>
    string? Challenge(Refused refused) => null;
}

/// <summary>What a verifier says of a request: who sent it, why it is refused, or that neither is known yet.</summary>
/// <param name="Identity">The sender, as far as senders are told apart; null until it is verified.</param>
/// <param name="Refused">Why the request is refused; null if it is not.</param>
internal readonly record struct Verdict(string? Identity, Refused? Refused)
{
    /// <summary>Nothing is wrong so far, and nobody is verified.</summary>
    public static readonly Verdict Open;

    public static implicit operator Verdict(Refused refused) => new(null, refused);

    /// <summary>Open unless there is a reason to refuse.</summary>
    public static Verdict OpenUnless(Refused? refused) => new(null, refused);

    /// <summary>The sender; without one the request is refused.</summary>
    public static Verdict Of(string? identity, Refused otherwise) => identity is null ? otherwise : new Verdict(identity, null);
}

/// <summary>Why a request is refused.</summary>
/// <param name="Reason">The rule.</param>
/// <param name="Detail">What was wrong, for the operator: one of few texts, and nothing of what was sent.</param>
internal sealed record Refused(RejectionReason Reason, string Detail);
