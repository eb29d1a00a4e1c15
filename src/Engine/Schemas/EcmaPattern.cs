using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Engine.Schemas;

/// <summary>
/// Compiles a regular expression of JSON Schema (ECMA-262) for .NET's non-backtracking engine, so that no string can make it slow.
/// Lookarounds and backreferences, which that engine does not support, are rejected.
/// </summary>
internal static class EcmaPattern
{
    /// <summary>Returns the compiled expression, or what is wrong with it.</summary>
    public static (Regex? Regex, string? Wrong) Read(string pattern)
    {
        try
        {
            return (new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), null);
        }
        catch (NotSupportedException)
        {
            return (null, "has a lookaround, a backreference or too large a repetition, which can't be matched in linear time; write it without");
        }
        catch (ArgumentException)
        {
            return (null, "is not a regular expression (ECMA-262)");
        }
    }

    // Where the two dialects share a notation with different meanings: the end of the string, and digits and letters of other scripts.
    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 8);
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            if (c == '\\' && at + 1 < pattern.Length)
            {
                text.Append(Escape(pattern[++at], inClass));
                continue;
            }

            inClass = c switch
            {
                '[' when !inClass => true,
                ']' => false,
                _ => inClass,
            };
            text.Append(c == '$' && !inClass ? @"\z" : c.ToString());
        }

        return text.ToString();
    }

    private static string Escape(char c, bool inClass) => (c, inClass) switch
    {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('w', true) => "a-zA-Z0-9_",
        ('w', false) => "[a-zA-Z0-9_]",
        ('D', false) => "[^0-9]",
        ('W', false) => "[^a-zA-Z0-9_]",
        _ => $"\\{c}",
    };
}
