namespace Sluice.Sdk;

/// <summary>Checks names that programs act on: type identifiers, ports and failure kinds.</summary>
internal static class SnakeCase
{
    /// <summary>Returns whether a name has lower-case ASCII letters and digits, a letter first, and single underscores between words.</summary>
    public static bool Is(string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0]) || name[^1] == '_')
        {
            return false;
        }

        for (var i = 1; i < name.Length; i++)
        {
            if (!char.IsAsciiLetterLower(name[i]) && !char.IsAsciiDigit(name[i]) && (name[i] != '_' || name[i - 1] == '_'))
            {
                return false;
            }
        }

        return true;
    }
}
