namespace Sluice.Sdk;

/// <summary>The form of the names that programs act on: type identifiers, ports, failure kinds.</summary>
internal static class SnakeCase
{
    /// <summary>Lowercase ASCII letters and digits, a letter first, words joined by single underscores.</summary>
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
