namespace Sluice.Engine.Checking;

/// <summary>What can be told of a string without parsing it: whether expressions are in it, and whether it is nothing but one.</summary>
internal static class ExpressionText
{
    public static bool HasExpression(string text) => text.Contains("{{", StringComparison.Ordinal);

    /// <summary>Whether the value keeps its JSON type.</summary>
    public static bool IsOneExpression(string text)
    {
        var trimmed = text.AsSpan().Trim();
        return trimmed.StartsWith("{{") && trimmed.EndsWith("}}") && trimmed[2..].IndexOf("{{") < 0;
    }
}
