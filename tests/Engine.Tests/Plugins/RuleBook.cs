namespace Sluice.Engine.Tests.Plugins;

/// <summary>Holds the rules that tests come upon to <c>docs/reference/plugin-rules.md</c>.</summary>
internal static class RuleBook
{
    private static readonly string _text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "plugin-rules.md"));

    public static void AssertRule(string expected, string actual)
    {
        Assert.Equal(expected, actual);
        Assert.Contains($"| `{expected}` |", _text, StringComparison.Ordinal);
    }
}
