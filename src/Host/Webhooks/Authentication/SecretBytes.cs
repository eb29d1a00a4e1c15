using System.Collections.Immutable;
using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// The values of the secrets that a workflow names, as bytes. Empty or malformed ones are omitted: anybody could sign with an empty key.
/// </summary>
internal sealed class SecretBytes
{
    private readonly Refused? _none;

    private SecretBytes(ImmutableArray<SecretKey> values, ImmutableArray<string> unusable)
    {
        Values = values;
        Unusable = unusable;
        _none = values.IsEmpty ? new Refused(RejectionReason.NotVerifiable, $"No usable secret: {string.Join(' ', unusable)}") : null;
    }

    public ImmutableArray<SecretKey> Values { get; }

    /// <summary>What is wrong with the omitted secrets.</summary>
    public ImmutableArray<string> Unusable { get; }

    /// <summary>The rejection if there is no usable secret; otherwise null.</summary>
    public Refused? RefuseIfNone() => _none;

    /// <param name="names">The names of the secrets.</param>
    /// <param name="secrets">The store of their values.</param>
    /// <param name="form">The required form of a value, for messages.</param>
    /// <param name="decode">Decodes a value; null if it is malformed.</param>
    public static SecretBytes Read(ImmutableArray<SecretName> names, ISecrets secrets, string form, Func<string, byte[]?> decode)
    {
        var values = ImmutableArray.CreateBuilder<SecretKey>();
        var unusable = ImmutableArray.CreateBuilder<string>();
        foreach (var name in names)
        {
            if (secrets.Find(name.Name) is { Length: > 0 } value && decode(value) is { Length: > 0 } bytes)
            {
                values.Add(new SecretKey(name.Name, bytes));
            }
            else
            {
                unusable.Add($"The secret '{name.Name}' is missing, empty or not {form}.");
            }
        }

        return new SecretBytes(values.DrainToImmutable(), unusable.DrainToImmutable());
    }

    public static SecretBytes ReadText(ImmutableArray<SecretName> names, ISecrets secrets) => Read(names, secrets, "text", Encoding.UTF8.GetBytes);

    /// <summary>Decodes base64; null if the value is not base64.</summary>
    public static byte[]? FromBase64(string text)
    {
        var bytes = new byte[(text.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>Decodes hexadecimal digits; null if the value has anything else.</summary>
    public static byte[]? FromHex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }
}

/// <summary>The value of one secret, and its name in the workflow.</summary>
internal readonly record struct SecretKey(string Name, byte[] Bytes);
