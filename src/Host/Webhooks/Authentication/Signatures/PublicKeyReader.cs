using System.Collections.Immutable;
using System.Security.Cryptography;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>
/// Reads the field <c>public_key</c>: Ed25519 keys, or ECDSA keys on P-256. Public keys are not secret, so the workflow contains them.
/// </summary>
internal static class PublicKeyReader
{
    private const int MostAtOnce = 8;
    private const int Ed25519Bytes = 32;
    private const string P256 = "1.2.840.10045.3.1.7";

    // RFC 8410, section 4: the prefix of the key in a SubjectPublicKeyInfo of Ed25519.
    private static readonly byte[] Ed25519Info = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Reads the keys, and notes their problems.</summary>
    public static ImmutableArray<byte[]> Read(Fields fields, string algorithm)
    {
        fields.Require("public_key", "the sender's public key, or a list of them while it rotates");
        var keys = ImmutableArray.CreateBuilder<byte[]>();
        foreach (var item in fields.OneOrMany("public_key", "one public key"))
        {
            if (item is SourceNode.Text text && (algorithm == "ed25519" ? Ed25519(text.Value) : Ecdsa(text.Value)) is { } key)
            {
                keys.Add(key);
                continue;
            }

            var form = algorithm == "ed25519"
                ? "An Ed25519 key is 32 bytes, in hex or base64."
                : "A key for ECDSA is one of the curve P-256, as the base64 of its SubjectPublicKeyInfo or as PEM.";
            fields.Note("bad-key", form, "public_key", item.At);
        }

        CheckCount(fields, keys.Count);
        return keys.DrainToImmutable();
    }

    /// <summary>Notes more keys than are live at the same time: each costs a verification of every request.</summary>
    public static void CheckCount(Fields fields, int count)
    {
        if (count > MostAtOnce)
        {
            fields.Note("too-many", $"At most {MostAtOnce} public keys are live at the same time; remove the oldest.", "public_key", fields["public_key"]!.At);
        }
    }

    private static byte[]? Ed25519(string text) => FromHex(text) ?? FromBase64(text) switch
    {
        { Length: Ed25519Bytes } key => key,
        { } info when info.Length == Ed25519Info.Length + Ed25519Bytes && info.AsSpan().StartsWith(Ed25519Info) => info[Ed25519Info.Length..],
        _ => null,
    };

    private static byte[]? FromHex(string text) => text.Length == 2 * Ed25519Bytes && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;

    private static byte[]? Ecdsa(string text)
    {
        var base64 = PemEncoding.TryFind(text, out var pem) ? text[pem.Base64Data] : text;
        if (FromBase64(base64) is not { } info)
        {
            return null;
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(info, out var read);
            return read == info.Length && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256 ? info : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
