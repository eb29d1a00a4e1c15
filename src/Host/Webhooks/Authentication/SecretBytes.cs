using System.Collections.Immutable;
using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>The values of the secrets that a workflow names, as bytes. One that is empty or not of its form is left out: an empty key would be everybody's.</summary>
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

    /// <summary>What is wrong with those that were left out.</summary>
    public ImmutableArray<string> Unusable { get; }

    /// <summary>That there is nothing to verify with; null where there is.</summary>
    public Refused? RefuseIfNone() => _none;

    /// <param name="names">The secrets.</param>
    /// <param name="secrets">Where their values are.</param>
    /// <param name="form">What a value has to be, for messages.</param>
    /// <param name="decode">A value's bytes; null where it is not of its form.</param>
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

    /// <summary>The bytes that base64 stands for; null where it is none.</summary>
    public static byte[]? FromBase64(string text)
    {
        var bytes = new byte[(text.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>The bytes that hexadecimal digits stand for; null where they are none.</summary>
    public static byte[]? FromHex(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }
}

/// <summary>The value of one secret, and the name that the workflow gives it.</summary>
internal readonly record struct SecretKey(string Name, byte[] Bytes);
