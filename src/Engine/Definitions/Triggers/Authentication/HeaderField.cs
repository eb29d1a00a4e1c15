namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>Reads a field of <c>auth</c> that names a header.</summary>
internal static class HeaderField
{
    private const int Longest = 128;

    public static bool IsHeader(ReadOnlySpan<char> text) => text.Length <= Longest && HeaderName.IsOne(text);

    /// <summary>Reads the header's name; null if omitted, or reported as invalid.</summary>
    public static string? Read(Fields fields, string name)
    {
        if (fields.Text(name) is not { } text)
        {
            return null;
        }

        if (IsHeader(text.Value))
        {
            return text.Value;
        }

        fields.Note("bad-header", $"'{text.Value}' can't be the name of a header: letters, digits and hyphens, such as X-Signature.", name, text.At);
        return null;
    }
}
