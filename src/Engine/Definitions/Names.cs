using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Definitions;

/// <summary>The rules for the names of workflows and steps.</summary>
internal static partial class Names
{
    /// <summary>The maximum length of a name, in characters.</summary>
    public const int Longest = 64;

    /// <summary>
    /// The names that no step's key may have: the other roots of references, the functions, and the keywords of the expression language.
    /// </summary>
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
