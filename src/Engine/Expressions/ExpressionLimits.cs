namespace Sluice.Engine.Expressions;

/// <summary>How much one expression may be, take and give; the table in docs/reference/expressions.md repeats them.</summary>
internal static class ExpressionLimits
{
    /// <summary>Characters of one expression.</summary>
    public const int SourceLength = 8_192;

    /// <summary>How deep an expression's parts may stand in each other.</summary>
    public const int Nesting = 128;

    /// <summary>Characters that a string which is built by an expression may have.</summary>
    public const int TextLength = 8_000_000;

    /// <summary>Items that a list which is built by an expression may have.</summary>
    public const int ListLength = 1_000_000;

    /// <summary>Characters and items that may be read, copied and compared in one evaluation.</summary>
    public const long Work = 100_000_000;

    /// <summary>Bytes of JSON that an evaluation may give.</summary>
    public const int OutputBytes = 16_000_000;

    /// <summary>How deep values that an expression builds may be nested; also the default of System.Text.Json.</summary>
    public const int ValueDepth = 60;

    /// <summary>Bytes that an evaluation may allocate, those already freed included.</summary>
    public const long Memory = 256_000_000;

    /// <summary>Calls of arrow functions in one evaluation.</summary>
    public const int Statements = 1_000_000;

    /// <summary>Calls inside of calls.</summary>
    public const int Recursion = 64;

    /// <summary>How long one evaluation may take.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(2);

    /// <summary>How long one search of a regular expression may take.</summary>
    public static readonly TimeSpan RegexTime = TimeSpan.FromMilliseconds(250);
}
