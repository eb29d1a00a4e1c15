using System.Text;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Reduces a caller's file name to a plain name (RFC 7578, section 4.2). It is shown to people and never used as a path.</summary>
internal static class FileName
{
    private const int Longest = 255;

    /// <summary>Removes folders, control characters and Unicode's direction controls from the name; null if nothing is left.</summary>
    public static string? Clean(string? given)
    {
        if (given is null)
        {
            return null;
        }

        var name = given[(given.LastIndexOfAny(['/', '\\', ':']) + 1)..];
        var clean = new StringBuilder(Math.Min(name.Length, Longest));
        foreach (var rune in name.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > Longest)
            {
                break;
            }

            if (!Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) != System.Globalization.UnicodeCategory.Format)
            {
                clean.Append(rune.ToString());
            }
        }

        var text = clean.ToString().Trim();
        return text is "" or "." or ".." ? null : text;
    }
}
