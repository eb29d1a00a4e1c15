using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Definitions;

/// <summary>What workflows and steps may be called.</summary>
internal static partial class Names
{
    /// <summary>The longest name, in characters.</summary>
    public const int Longest = 64;

    /// <summary>The other roots of references, the functions, and the words of the expression language; a step's key is none of them.</summary>
    public static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            .. ExpressionFunctions.Helpers.Select(function => function.Name),
            "trigger", "run", "secrets", "item", "index",
            "true", "false", "null", "undefined", "this", "new", "delete", "typeof", "void", "in", "of", "instanceof", "function", "return",
            "if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "throw", "try", "catch", "finally", "with",
            "class", "extends", "super", "import", "export", "const", "let", "var", "yield", "await", "async", "enum", "static", "eval",
            "arguments", "debugger", "package", "private", "protected", "public", "interface", "implements",
        ]);

    [GeneratedRegex(@"^[a-z][a-z0-9_-]*\z")]
    public static partial Regex Workflow();

    [GeneratedRegex(@"^[a-z][a-z0-9_]*\z")]
    public static partial Regex Key();
}
