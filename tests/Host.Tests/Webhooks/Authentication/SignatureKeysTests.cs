using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Tests.Logging;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Schemes;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Tests.Webhooks.Authentication;

public sealed class SignatureKeysTests
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"id":1}""");

    [Theory]
    [InlineData("ed25519", 8, 1, true)]
    [InlineData("ed25519", 8, 2, false)]
    [InlineData("ed25519", 4, 3, true)]
    [InlineData("ed25519", 4, 4, false)]
    [InlineData("ed25519", 1, 15, true)]
    [InlineData("ecdsa_p256", 8, 1, true)]
    [InlineData("ecdsa_p256", 8, 2, false)]
    public void Keys_times_signatures_of_one_request_are_bounded(string algorithm, int keys, int madeUpAhead, bool isFound)
    {
        var (known, signature) = Sign(algorithm);
        var settings = new PublicKeyAuth("X-Signature", [.. Enumerable.Range(1, keys - 1).Select(_ => Sign(algorithm).Key), known]) { Algorithm = algorithm };

        var found = new PublicKeys(settings).Find([Body], [.. Enumerable.Repeat(new byte[64], madeUpAhead), signature]);

        Assert.Equal(isFound ? $"public-key {Convert.ToHexString(known)}" : null, found);
    }

    [Fact]
    public void What_can_be_no_ed25519_signature_is_not_counted()
    {
        var (known, signature) = Sign("ed25519");
        var settings = new PublicKeyAuth("X-Signature", [.. Enumerable.Range(1, 7).Select(_ => Sign("ed25519").Key), known]) { Algorithm = "ed25519" };

        Assert.NotNull(new PublicKeys(settings).Find([Body], [new byte[63], new byte[65], [], signature]));
    }

    [Fact]
    public void A_body_is_not_hashed_for_what_can_be_no_mac()
    {
        var keys = SecretBytes.ReadText([new SecretName("token", "", null!)], new OneSecret());
        var right = HMACSHA256.HashData("hush-hush-9000"u8, Body);

        Assert.Equal("signature token", Mac.Find("sha256", keys, [Body], [new byte[5], right]));
        Assert.Null(Mac.Find("sha256", keys, new Unread(), [new byte[5], new byte[64]]));
        Assert.Null(Mac.Find("sha256", keys, new Unread(), []));
    }

    private static (byte[] Key, byte[] Signature) Sign(string algorithm)
    {
        if (algorithm == "ed25519")
        {
            using var key = Key.Create(SignatureAlgorithm.Ed25519);
            return (key.PublicKey.Export(KeyBlobFormat.RawPublicKey), SignatureAlgorithm.Ed25519.Sign(key, Body));
        }

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (ecdsa.ExportSubjectPublicKeyInfo(), ecdsa.SignData(Body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>Parts that nobody may read.</summary>
    private sealed class Unread : IReadOnlyList<ReadOnlyMemory<byte>>
    {
        public int Count => throw new InvalidOperationException("Read.");

        public ReadOnlyMemory<byte> this[int index] => throw new InvalidOperationException("Read.");

        public IEnumerator<ReadOnlyMemory<byte>> GetEnumerator() => throw new InvalidOperationException("Read.");

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
