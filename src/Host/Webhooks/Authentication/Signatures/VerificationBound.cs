namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Bounds how often a public key is held against a signature of one request: nobody is verified yet, and each time costs a pass over the body.</summary>
internal static class VerificationBound
{
    /// <summary>The verifications of one request. Senders sign with two keys while they rotate them, rarely with more.</summary>
    public const int Most = 16;

    /// <summary>The signatures to look at, the first ones, so that all keys can be held against each.</summary>
    /// <param name="signatures">The signatures of the request that have the form of the algorithm.</param>
    /// <param name="keys">The number of keys.</param>
    public static IReadOnlyList<byte[]> Take(IEnumerable<byte[]> signatures, int keys) => [.. signatures.Take(Math.Max(1, Most / Math.Max(1, keys)))];
}
