using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>One expression's text and its place, to say where in it something is wrong.</summary>
/// <param name="Value">The whole string that the expression stands in.</param>
/// <param name="Start">Where in it the expression begins, just after its <c>{{</c>.</param>
/// <param name="Text">The expression as written, without its braces.</param>
/// <param name="Masked">The same with masked hyphens (<see cref="ExpressionScanner"/>), for the parser.</param>
/// <param name="Site">The place of the string.</param>
internal sealed record ExpressionSource(string Value, int Start, string Text, string Masked, ExpressionSite Site)
{
    /// <summary>The line and column of an offset into the expression.</summary>
    public Position At(int offset) => At(Value, Start + offset, Site.At);

    /// <summary>The line and column of an offset into a string that begins at a place. In a block of several lines the column counts from the text's own margin.</summary>
    public static Position At(string value, int offset, Position start)
    {
        var before = value.AsSpan(0, Math.Min(offset, value.Length));
        var lines = before.Count('\n');
        return lines == 0
            ? start with { Column = start.Column + before.Length }
            : new Position(start.Line + lines, before.Length - before.LastIndexOf('\n'));
    }

    public ExpressionSite SiteAt(int offset) => Site with { At = At(offset) };

    public Problem Problem(string rule, string message, int offset) => new(rule, message, Site.Step, Site.Path, At(offset));

    /// <summary>What is thrown where the evaluation fails at an offset.</summary>
    public ExpressionException Failure(int offset, string message, Exception? cause = null, bool isLimit = false)
    {
        var at = At(offset);
        return new ExpressionException($"{Name} (line {at.Line}, column {at.Column}): {message}", cause)
        {
            Path = Site.Path,
            IsLimit = isLimit || cause is FunctionException { IsLimit: true },
        };
    }

    /// <summary><c>workflow:step.field</c>, the name of the source in messages.</summary>
    public string Name => $"{Site.Workflow}:{Site.Step ?? "trigger"}.{Site.Path}";
}

/// <summary>The rules that an expression can break, as they stand in <see cref="Problem.Rule"/>.</summary>
internal static class ExpressionRules
{
    public const string Syntax = "expression-syntax";
    public const string NotAllowed = "expression-not-allowed";
    public const string UnknownFunction = "unknown-function";
    public const string TooLong = "expression-too-long";
}
