using NSec.Cryptography;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Ed25519 (RFC 8032), which .NET does not have. The library is loaded with the first signature that needs it.</summary>
internal static class Ed25519
{
    /// <summary>Whether the signature, 64 bytes, is the key's, 32 bytes. Nothing secret is in it, so its time may show.</summary>
    public static bool IsSignedBy(byte[] key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey, out var imported)
        && SignatureAlgorithm.Ed25519.Verify(imported!, message, signature);
}
