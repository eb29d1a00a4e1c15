using System.Security.Cryptography;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Computes an HMAC (RFC 2104) over several parts, and compares it with the received signatures.</summary>
internal static class Mac
{
    /// <summary>The number of signatures of one request that are compared. Senders include one for each live secret.</summary>
    public const int MostSignatures = 16;

    /// <summary>Starts an HMAC.</summary>
    /// <param name="algorithm"><c>sha1</c>, <c>sha256</c>, <c>sha384</c> or <c>sha512</c>.</param>
    /// <param name="key">The secret.</param>
    private static IncrementalHash Begin(string algorithm, byte[] key) => IncrementalHash.CreateHMAC(
        algorithm switch
        {
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            "sha384" => HashAlgorithmName.SHA384,
            "sha512" => HashAlgorithmName.SHA512,
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No HMAC of that name."),
        },
        key);

    /// <summary>Gets the identity of the secret that made one of the signatures of the concatenated parts; null if none did.</summary>
    public static string? Find(string algorithm, SecretBytes keys, IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures)
    {
        foreach (var key in keys.Values)
        {
            using var mac = Begin(algorithm, key.Bytes);

            // Skip the pass over the body if nothing received has the form of a signature.
            if (!signatures.Any(signature => signature.Length == mac.HashLengthInBytes))
            {
                return null;
            }

            foreach (var part in parts)
            {
                mac.AppendData(part.Span);
            }

            if (IsAmong(mac, signatures))
            {
                return $"signature {key.Name}";
            }
        }

        return null;
    }

    /// <summary>Whether it equals one of the received signatures; compares every one, each in constant time.</summary>
    private static bool IsAmong(IncrementalHash mac, IReadOnlyList<byte[]> sent)
    {
        Span<byte> made = stackalloc byte[mac.HashLengthInBytes];
        mac.GetHashAndReset(made);
        var isOne = false;
        foreach (var signature in sent)
        {
            isOne |= CryptographicOperations.FixedTimeEquals(made, signature);
        }

        return isOne;
    }
}
