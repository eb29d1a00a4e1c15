using NSec.Cryptography;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>
/// Verifies Ed25519 signatures (RFC 8032), which .NET does not support. The library is loaded with the first such signature.
/// </summary>
internal static class Ed25519
{
    private const int SignatureBytes = 64;

    /// <summary>
    /// Finds the key that made one of the signatures of the message, within <see cref="VerificationBound"/>; null if none did.
    /// </summary>
    public static byte[]? SignerOf(ReadOnlySpan<byte> message, IReadOnlyList<byte[]> signatures, IReadOnlyList<byte[]> keys)
    {
        var taken = VerificationBound.Take(signatures.Where(signature => signature.Length == SignatureBytes), keys.Count);
        foreach (var key in keys)
        {
            foreach (var signature in taken)
            {
                if (IsSignedBy(key, message, signature))
                {
                    return key;
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Verifies a signature of 64 bytes with a key of 32 bytes. All inputs are public, so it need not take constant time.
    /// </summary>
    public static bool IsSignedBy(byte[] key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey, out var imported)
        && SignatureAlgorithm.Ed25519.Verify(imported!, message, signature);
}
