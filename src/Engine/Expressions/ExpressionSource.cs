using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Expressions;

/// <summary>The source of one expression and its location, to report positions in it.</summary>
/// <param name="Value">The whole string that contains the expression.</param>
/// <param name="Start">The offset of the expression in that string, right after its <c>{{</c>.</param>
/// <param name="Text">The expression as written, without its braces.</param>
/// <param name="Masked">The same with masked hyphens (<see cref="ExpressionScanner"/>), for the parser.</param>
/// <param name="Site">The location of the string.</param>
internal sealed record ExpressionSource(string Value, int Start, string Text, string Masked, ExpressionSite Site)
{
    /// <summary>Returns the line and column of an offset in the expression.</summary>
    public Position At(int offset) => At(Value, Start + offset, Site.At);

    /// <summary>
    /// Returns the line and column of an offset in a string. In a block of several lines the column counts from the block's indentation.
    /// </summary>
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

    /// <summary>Creates the exception for an evaluation that fails at an offset.</summary>
    public ExpressionException Failure(int offset, string message, Exception? cause = null, bool isLimit = false)
    {
        var at = At(offset);
        return new ExpressionException($"{Name} (line {at.Line}, column {at.Column}): {message}", cause)
        {
            Path = Site.Path,
            IsLimit = isLimit || cause is FunctionException { IsLimit: true },
        };
    }

    /// <summary><c>workflow:step.field</c>: the name of the source in messages.</summary>
    public string Name => $"{Site.Workflow}:{Site.Step ?? "trigger"}.{Site.Path}";
}

/// <summary>The rules that an expression can break, as reported in <see cref="Problem.Rule"/>.</summary>
internal static class ExpressionRules
{
    public const string Syntax = "expression-syntax";
    public const string NotAllowed = "expression-not-allowed";
    public const string UnknownFunction = "unknown-function";
    public const string TooLong = "expression-too-long";
}
