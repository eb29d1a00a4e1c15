using System.Text;

namespace Sluice.Host.Webhooks.Idempotency;

/// <summary>
/// Parses a structured header field (RFC 9651) that is an item (section 4.2.3) and a string (section 4.2.5): <c>"abc"; a=1</c>.
/// </summary>
internal static class StructuredString
{
    /// <summary>Gets the string; null if the field is anything else. Parameters are allowed and ignored.</summary>
    public static string? Parse(string field)
    {
        var text = field.AsSpan().Trim(' ');
        if (text is not ['"', ..])
        {
            return null;
        }

        var value = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    return AreParameters(text[(i + 1)..]) ? value.ToString() : null;
                case '\\' when i + 1 < text.Length && text[i + 1] is '"' or '\\':
                    value.Append(text[++i]);
                    break;
                case '\\' or < ' ' or > '~':
                    return null;
                default:
                    value.Append(text[i]);
                    break;
            }
        }

        return null;
    }

    // Section 4.2.3.2: each is a semicolon, spaces, a key, and a bare item unless it is true. The type of the item does not matter: nothing
    // reads it.
    private static bool AreParameters(ReadOnlySpan<char> text)
    {
        while (text is [';', ..])
        {
            text = text[1..].TrimStart(' ');
            var key = text.IndexOfAnyExcept(KeyCharacters);
            key = key < 0 ? text.Length : key;
            if (key == 0 || !(char.IsAsciiLetterLower(text[0]) || text[0] == '*'))
            {
                return false;
            }

            text = text[key..];
            if (text is ['=', ..])
            {
                var end = ItemEnd(text[1..]);
                if (end <= 0)
                {
                    return false;
                }

                text = text[(end + 1)..];
            }
        }

        return text.IsEmpty;
    }

    private static int ItemEnd(ReadOnlySpan<char> text)
    {
        if (text is not ['"', ..])
        {
            var end = text.IndexOfAny(';', ' ', ',');
            return end < 0 ? text.Length : end;
        }

        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i + 1;
            }
        }

        return -1;
    }

    private static readonly System.Buffers.SearchValues<char> KeyCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.*");
}
