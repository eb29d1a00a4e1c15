using System.Buffers;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>The names that a header can have (RFC 9110, section 5.1).</summary>
internal static class HeaderName
{
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsOne(ReadOnlySpan<char> text) => text.Length is > 0 and <= 128 && !text.ContainsAnyExcept(Letters);

    /// <summary>A field that names a header; null where there is none, or one that was noted as wrong.</summary>
    public static string? Read(Fields fields, string name)
    {
        if (fields.Text(name) is not { } text)
        {
            return null;
        }

        if (IsOne(text.Value))
        {
            return text.Value;
        }

        fields.Note("bad-header", $"'{text.Value}' can't be the name of a header: letters, digits and hyphens, such as X-Signature.", name, text.At);
        return null;
    }
}
