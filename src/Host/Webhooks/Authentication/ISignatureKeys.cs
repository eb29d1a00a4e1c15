using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>The keys that a sender may have signed with.</summary>
internal interface ISignatureKeys
{
    /// <summary>That there is none to verify with; null where there is.</summary>
    Refused? RefuseIfNone();

    /// <summary>The identity of the key that made one of the signatures over the parts, one after the other; null where none did.</summary>
    string? Find(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures);
}

/// <summary>Secrets, for an HMAC.</summary>
internal sealed class HmacKeys(HmacAuth settings, ISecrets secrets) : ISignatureKeys
{
    private readonly SecretBytes _keys = SecretBytes.Read(settings.Keys, secrets, settings.KeyEncoding, text => settings.KeyEncoding switch
    {
        "hex" => SecretBytes.FromHex(text),
        "base64" => SecretBytes.FromBase64(text),
        _ => Encoding.UTF8.GetBytes(text),
    });

    public Refused? RefuseIfNone() => _keys.RefuseIfNone();

    public string? Find(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures) => Mac.Find(settings.Algorithm, _keys, parts, signatures);
}

/// <summary>Public keys, of Ed25519 (RFC 8032) or of ECDSA with P-256 and SHA-256 (FIPS 186-5; signatures in DER).</summary>
internal sealed class PublicKeys(PublicKeyAuth settings) : ISignatureKeys
{
    public Refused? RefuseIfNone() => null;

    public string? Find(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures)
    {
        var key = settings.Algorithm == "ed25519" ? Ed25519.SignerOf(Join(parts).Span, signatures, settings.Keys) : SignerByP256(Hash(parts), signatures);
        return key is null ? null : $"public-key {Convert.ToHexString(key)}";
    }

    // A copy only of several parts: most often the body is one of them.
    private static ReadOnlyMemory<byte> Join(IReadOnlyList<ReadOnlyMemory<byte>> parts) => parts is [var only] ? only : Copy(parts);

    private static byte[] Copy(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var joined = new byte[parts.Sum(part => part.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(joined.AsMemory(at));
            at += part.Length;
        }

        return joined;
    }

    // Once for all keys and signatures: a body may have megabytes, and nobody is verified yet.
    private static byte[] Hash(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(part.Span);
        }

        return hash.GetHashAndReset();
    }

    // Imported for each request: one object is not for several threads at once.
    private byte[]? SignerByP256(byte[] hash, IReadOnlyList<byte[]> signatures)
    {
        var taken = VerificationBound.Take(signatures, settings.Keys.Length);
        foreach (var key in settings.Keys)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key, out _);
            foreach (var signature in taken)
            {
                if (ecdsa.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence))
                {
                    return key;
                }
            }
        }

        return null;
    }
}
