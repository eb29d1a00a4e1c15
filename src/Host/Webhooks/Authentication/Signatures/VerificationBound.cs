namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>
/// Limits how often public keys are tried on the signatures of one unverified request, because each try is a pass over the body.
/// </summary>
internal static class VerificationBound
{
    /// <summary>The verifications per request. Senders sign with two keys during a rotation, rarely with more.</summary>
    public const int Most = 16;

    /// <summary>Gets the first signatures, as many as can be tried with all keys.</summary>
    /// <param name="signatures">The signatures of the request that have the form of the algorithm.</param>
    /// <param name="keys">The number of keys.</param>
    public static IReadOnlyList<byte[]> Take(IEnumerable<byte[]> signatures, int keys) => [.. signatures.Take(Math.Max(1, Most / Math.Max(1, keys)))];
}
