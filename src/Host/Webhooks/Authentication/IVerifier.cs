using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// Verifies that a request is from the expected sender. Each workflow version has one, which many requests use concurrently.
/// </summary>
/// <remarks>Laws: values are compared to a secret in constant time. Nothing throws because of what a caller sent. An empty secret verifies
/// nothing.
/// A verified request has an identity, from its headers or its body.</remarks>
internal interface IVerifier
{
    /// <summary>Checks what is known before the body is read, and rejects requests that can't be valid any more.</summary>
    ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>Completes the check with the body's bytes as received.</summary>
    Verdict CheckBody(in ReceivedRequest request) => Verdict.Open;

    /// <summary>
    /// Gets the response to a verified request that is not meant to start a run, such as a handshake; null if it starts one.
    /// </summary>
    IEarlyAnswer? AnswerTo(ReadOnlySpan<byte> body) => null;

    /// <summary>The header whose credential could be reused as it is; it is masked once verified. Null if there is none.</summary>
    string? CredentialHeader => null;

    /// <summary>The challenge of a 401 (RFC 9110, section 11.6.1); null if the scheme has none.</summary>
    string? Challenge(Refused refused) => null;
}

/// <summary>The result of a verification: the sender, the reason for a rejection, or neither yet.</summary>
/// <param name="Identity">The sender, as far as senders are distinguished; null until verified.</param>
/// <param name="Refused">Why the request is rejected; null if it is not.</param>
internal readonly record struct Verdict(string? Identity, Refused? Refused)
{
    /// <summary>No reason to reject so far, but no verified sender either.</summary>
    public static readonly Verdict Open;

    public static implicit operator Verdict(Refused refused) => new(null, refused);

    /// <summary>Open, unless there is a reason to reject.</summary>
    public static Verdict OpenUnless(Refused? refused) => new(null, refused);

    /// <summary>Verified if there is an identity, otherwise rejected.</summary>
    public static Verdict Of(string? identity, Refused otherwise) => identity is null ? otherwise : new Verdict(identity, null);
}

/// <summary>Why a request is rejected.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Detail">The explanation for the operator: one of a few constant strings, without anything that the caller sent.</param>
internal sealed record Refused(RejectionReason Reason, string Detail);
