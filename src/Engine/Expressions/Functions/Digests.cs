using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>Hashes, signatures and their comparison.</summary>
internal static class Digests
{
#pragma warning disable CA5350, CA5351 // Old senders sign with SHA-1 and put MD5 sums into their headers; a receiver can't choose.
    public static Scalar Hmac(CallArguments arguments)
    {
        var key = Key(arguments);
        var text = Encoding.UTF8.GetBytes(arguments.Text(2, "text"));
        var digest = arguments.RequiredText(0, "algorithm") switch
        {
            "sha1" => HMACSHA1.HashData(key, text),
            "sha256" => HMACSHA256.HashData(key, text),
            "sha384" => HMACSHA384.HashData(key, text),
            "sha512" => HMACSHA512.HashData(key, text),
            var other => throw arguments.Fault($"there is no algorithm {arguments.Quote(other)}; use sha1, sha256, sha384 or sha512"),
        };
        return Spell(arguments, 3, digest);
    }

    public static Scalar Hash(CallArguments arguments)
    {
        var text = Encoding.UTF8.GetBytes(arguments.Text(1, "text"));
        var digest = arguments.RequiredText(0, "algorithm") switch
        {
            "md5" => MD5.HashData(text),
            "sha1" => SHA1.HashData(text),
            "sha256" => SHA256.HashData(text),
            "sha384" => SHA384.HashData(text),
            "sha512" => SHA512.HashData(text),
            var other => throw arguments.Fault($"there is no algorithm {arguments.Quote(other)}; use sha1, sha256, sha384, sha512 or md5"),
        };
        return Spell(arguments, 2, digest);
    }
#pragma warning restore CA5350, CA5351

    public static Scalar SecureEquals(CallArguments arguments)
    {
        if (arguments[0].Kind == ScalarKind.Null || arguments[1].Kind == ScalarKind.Null)
        {
            return Scalar.Of(false);
        }

        var a = Encoding.UTF8.GetBytes(arguments.Text(0, "first value"));
        var b = Encoding.UTF8.GetBytes(arguments.Text(1, "second value"));
        return Scalar.Of(CryptographicOperations.FixedTimeEquals(a, b));
    }

    private static byte[] Key(CallArguments arguments)
    {
        var key = arguments.RequiredText(1, "key");
        try
        {
            return arguments.TextOr(4, "key_encoding", "text") switch
            {
                "text" => Encoding.UTF8.GetBytes(key),
                "base64" => Base64Text.Bytes(key),
                "hex" => Convert.FromHexString(key),
                var other => throw arguments.Fault($"there is no key_encoding {arguments.Quote(other)}; use text, base64 or hex"),
            };
        }
        catch (FormatException exception)
        {
            // A message never contains the key itself.
            throw arguments.Fault("the key does not match its key_encoding", exception);
        }
    }

    private static Scalar Spell(CallArguments arguments, int index, byte[] digest) => Scalar.Of(arguments.TextOr(index, "encoding", "hex") switch
    {
        "hex" => Convert.ToHexStringLower(digest),
        "base64" => Convert.ToBase64String(digest),
        "base64url" => Base64Url.EncodeToString(digest),
        var other => throw arguments.Fault($"there is no encoding {arguments.Quote(other)}; use hex, base64 or base64url"),
    });
}
