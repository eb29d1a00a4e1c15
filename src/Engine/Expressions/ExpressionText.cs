using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>Determines whether a string is exactly one expression, without compiling it.</summary>
internal static class ExpressionText
{
    /// <summary>
    /// Whether the value keeps its JSON type: no text or space around the expression. Also true if it is never closed, which is reported
    /// separately.
    /// </summary>
    public static bool IsOneExpression(string text)
    {
        if (!text.StartsWith(ExpressionMark.Open, StringComparison.Ordinal))
        {
            return false;
        }

        var end = ExpressionScanner.Scan(text, ExpressionMark.Open.Length).End;
        return end < 0 || end + ExpressionMark.Open.Length == text.Length;
    }
}
