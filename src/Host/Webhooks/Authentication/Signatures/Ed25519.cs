using NSec.Cryptography;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Ed25519 (RFC 8032), which .NET does not have. The library is loaded with the first signature that needs it.</summary>
internal static class Ed25519
{
    private const int SignatureBytes = 64;

    /// <summary>The key that made one of the signatures over the message, within <see cref="VerificationBound"/>; null if none did.</summary>
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

    /// <summary>Whether the signature, 64 bytes, is the key's, 32 bytes. Nothing secret is in it, so its time may show.</summary>
    public static bool IsSignedBy(byte[] key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey, out var imported)
        && SignatureAlgorithm.Ed25519.Verify(imported!, message, signature);
}
