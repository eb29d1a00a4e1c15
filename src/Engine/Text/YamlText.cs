using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sluice.Engine.Text;

/// <summary>The source of a workflow: finds positions in it, and explains parse errors.</summary>
internal sealed partial class YamlText(string text)
{
    /// <summary>
    /// Returns a problem if the source contains a character that YAML forbids; the parser would mistake some of them for the end.
    /// </summary>
    public static Problem? ForbiddenCharacter(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            var forbidden = char.IsControl(character) ? character is not ('\t' or '\n' or '\r' or '\u0085') : IsLoneSurrogate(text, index);
            if (forbidden)
            {
                var message = $"The character U+{(int)character:X4} is not allowed in YAML; remove it, or write it as an escape in double quotes.";
                return new Problem("yaml-character", message, At: PositionAt(text, index));
            }
        }

        return null;
    }

    /// <summary>
    /// Returns the position of the first character of a scalar's value: after the quote, or in the line after a block's <c>|</c>.
    /// </summary>
    public Position FirstCharacter(Scalar scalar, Position start) => scalar.Style switch
    {
        ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted => start with { Column = start.Column + 1 },
        ScalarStyle.Literal or ScalarStyle.Folded => FirstInBlock(start, (int)scalar.Start.Index, (int)Math.Min(scalar.End.Index, text.Length)),
        _ => start,
    };

    public bool StartsWith(string what, long index) => string.CompareOrdinal(text, (int)index, what, 0, what.Length) == 0;

    public string Between(long start, long end) => text[(int)start..(int)Math.Min(end, text.Length)];

    /// <summary>Translates a parser's message to a problem.</summary>
    public Problem Explain(string message, Position at)
    {
        if (message.Contains("tab", StringComparison.Ordinal) && FirstIndentingTab() is { } tab)
        {
            return new Problem("yaml-tab", "A tab indents this line; YAML indents with spaces only.", At: tab);
        }

        var hint = UnquotedExpression().IsMatch(LineAt(at.Line))
            ? "A value that starts with {{ must stand in quotes: \"{{ … }}\"."
            : "Look at the indentation, the quotes and the brackets here and in the lines before.";
        return new Problem("yaml", $"This is not valid YAML: {Plain(message)}. {hint}", At: at);
    }

    private Position FirstInBlock(Position header, int index, int end)
    {
        var line = header.Line;
        for (; index < end; index++)
        {
            if (text[index] == '\n')
            {
                line++;
            }
            else if (line > header.Line && !char.IsWhiteSpace(text[index]))
            {
                return new Position(line, index - text.LastIndexOf('\n', index));
            }
        }

        return header;
    }

    private Position? FirstIndentingTab()
    {
        var match = IndentingTab().Match(text);
        return match.Success ? PositionAt(text, match.Index + match.Length - 1) : null;
    }

    private string LineAt(int number) => text.Split('\n').ElementAtOrDefault(number - 1) ?? "";

    private static Position PositionAt(string text, int index)
    {
        var before = text.AsSpan(0, index);
        return new Position(before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }

    private static bool IsLoneSurrogate(string text, int index) =>
        char.IsHighSurrogate(text[index])
            ? index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1])
            : char.IsLowSurrogate(text[index]) && (index == 0 || !char.IsHighSurrogate(text[index - 1]));

    private static string Plain(string message)
    {
        var plain = message.Trim().TrimEnd('.');
        return plain.Length == 0 ? "it can't be read" : char.ToLowerInvariant(plain[0]) + plain[1..];
    }

    [GeneratedRegex(@"^ *\t", RegexOptions.Multiline)]
    private static partial Regex IndentingTab();

    [GeneratedRegex(@"(^|[:,\[-])\s*\{\{")]
    private static partial Regex UnquotedExpression();
}
