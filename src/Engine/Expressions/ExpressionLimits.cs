namespace Sluice.Engine.Expressions;

/// <summary>The limits of one expression. docs/reference/expressions.md repeats them in a table.</summary>
internal static class ExpressionLimits
{
    /// <summary>The most characters of an expression.</summary>
    public const int SourceLength = 8_192;

    /// <summary>The maximum nesting depth of an expression's syntax.</summary>
    public const int Nesting = 128;

    /// <summary>The most characters of a string that an expression builds.</summary>
    public const int TextLength = 8_000_000;

    /// <summary>The most items of a list that an expression builds.</summary>
    public const int ListLength = 1_000_000;

    /// <summary>The most characters and items that one evaluation may read, copy and compare.</summary>
    public const long Work = 100_000_000;

    /// <summary>The most bytes of JSON that an evaluation may return.</summary>
    public const int OutputBytes = 16_000_000;

    /// <summary>The maximum nesting depth of values that an expression builds; close to the default of System.Text.Json.</summary>
    public const int ValueDepth = 60;

    /// <summary>The most bytes that an evaluation may allocate, including those already freed.</summary>
    public const long Memory = 256_000_000;

    /// <summary>The most calls of arrow functions in one evaluation.</summary>
    public const int Statements = 1_000_000;

    /// <summary>The maximum depth of nested calls.</summary>
    public const int Recursion = 64;

    /// <summary>The maximum time of one evaluation.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(2);

    /// <summary>The maximum time of one search with a regular expression.</summary>
    public static readonly TimeSpan RegexTime = TimeSpan.FromMilliseconds(250);
}
