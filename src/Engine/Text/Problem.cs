namespace Sluice.Engine.Text;

/// <summary>A problem of a workflow: the rule, the location, and a message that says how to fix it.</summary>
/// <param name="Rule">The rule's name in kebab case: <c>unknown-node</c>.</param>
/// <param name="Message">What is wrong and how to fix it.</param>
/// <param name="Step">The key of the step that contains it, if any.</param>
/// <param name="Path">The path in the workflow or the step: <c>config.conditions[0].operator</c>.</param>
/// <param name="At">The line and column, if known.</param>
internal sealed record Problem(string Rule, string Message, string? Step = null, string? Path = null, Position? At = null)
{
    /// <summary>The most characters of a message. A longer one loses its middle and keeps the fix at its end.</summary>
    public const int LongestMessage = 2000;

    /// <summary>The most characters of a step's key or of a path.</summary>
    public const int LongestPlace = 200;

    public string Message { get; init; } = Shorten(Message, LongestMessage);

    public string? Step { get; init; } = Step is null ? null : Shorten(Step, LongestPlace);

    public string? Path { get; init; } = Path is null ? null : Shorten(Path, LongestPlace);

    /// <summary>Returns the location as compilers write it: <c>file:line:column</c>, or only the file.</summary>
    public string PlaceIn(string file) => At is { } at ? $"{file}:{at.Line}:{at.Column}" : file;

    private static string Shorten(string text, int longest)
    {
        if (text.Length <= longest)
        {
            return text;
        }

        var (start, end) = (longest / 2, text.Length - (longest / 2) + 1);
        return $"{text[..(start - (char.IsHighSurrogate(text[start - 1]) ? 1 : 0))]}…{text[(end + (char.IsLowSurrogate(text[end]) ? 1 : 0))..]}";
    }
}

/// <summary>A position in a source; both numbers start at 1.</summary>
internal readonly record struct Position(int Line, int Column);
