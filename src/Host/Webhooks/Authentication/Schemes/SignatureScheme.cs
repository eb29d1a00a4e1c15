using System.Collections.Immutable;
using System.Security.Cryptography;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>A signature of the request in a header, verified by the sender's public key.</summary>
internal sealed class SignatureScheme : IAuthScheme
{
    public string Name => "signature";

    public ImmutableArray<string> Known { get; } = ["public_key", .. SignatureReader.Known];

    public WebhookAuth? Read(Fields fields)
    {
        fields.Require("header", "the header that the signature comes in, such as X-Signature");
        fields.Require("algorithm", "ed25519 or ecdsa_p256");
        var algorithm = fields.Word("algorithm", ["ed25519", "ecdsa_p256"]) ?? "ed25519";
        var keys = PublicKeyReader.Read(fields, algorithm);
        return SignatureReader.Complete(fields, new PublicKeyAuth(HeaderField.Read(fields, "header") ?? "", keys) { Algorithm = algorithm });
    }
}

/// <summary>A signature of the request in a header, verified by a public key. Several providers send one, each in its own form.</summary>
/// <param name="Header">The header that it comes in.</param>
/// <param name="Keys">Ed25519 keys of 32 bytes, or P-256 keys as SubjectPublicKeyInfo.</param>
internal sealed record PublicKeyAuth(string Header, ImmutableArray<byte[]> Keys) : SignatureAuth(Header)
{
    public override string Algorithm { get; init; } = "ed25519";

    public override ImmutableArray<SecretName> Secrets => [];

    protected override string Kind => Algorithm == "ed25519" ? "A signature with Ed25519" : "A signature with ECDSA, P-256 and SHA-256,";

    public override IVerifier CreateVerifier(VerifierContext context) => new SignatureVerifier(this, new PublicKeys(this), context.Freshness);
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
