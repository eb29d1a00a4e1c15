using Sluice.Engine.Expressions;

namespace Sluice.Engine.Definitions;

/// <summary>What can be told of a string without compiling it: whether expressions are in it, and whether it is nothing but one.</summary>
internal static class ExpressionText
{
    private const string Open = "{{";

    public static bool HasExpression(string text) => text.Contains(Open, StringComparison.Ordinal);

    /// <summary>Whether the value keeps its JSON type: no text, no space around the expression. Also of one that is never closed, a problem of its own.</summary>
    public static bool IsOneExpression(string text)
    {
        if (!text.StartsWith(Open, StringComparison.Ordinal))
        {
            return false;
        }

        var end = ExpressionScanner.Scan(text, Open.Length).End;
        return end < 0 || end + Open.Length == text.Length;
    }
}
