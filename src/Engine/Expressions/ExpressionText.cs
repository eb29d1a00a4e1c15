using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>Tells without compiling a string whether it is nothing but one expression.</summary>
internal static class ExpressionText
{
    /// <summary>Whether the value keeps its JSON type: no text, no space around the expression. Also of one that is never closed, a problem of its own.</summary>
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
