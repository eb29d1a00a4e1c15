namespace Sluice.Engine.Text;

/// <summary>The mark that opens an expression in a string.</summary>
internal static class ExpressionMark
{
    public const string Open = "{{";

    /// <summary>Whether a string contains an expression, or the start of one.</summary>
    public static bool IsIn(string text) => text.Contains(Open, StringComparison.Ordinal);
}
