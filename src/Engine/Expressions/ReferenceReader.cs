using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Acornima.Ast;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions;

/// <summary>
/// Recognizes plain references in a parsed expression: a root, then <c>.name</c>, <c>["name"]</c> or <c>[3]</c>, with or without <c>?.</c>.
/// </summary>
internal static class ReferenceReader
{
    /// <summary>Reads a syntax node as a reference; false if it is anything else.</summary>
    /// <param name="node">The node.</param>
    /// <param name="source">The source, to read names as written.</param>
    /// <param name="isParameter">Returns whether a name is a parameter of an enclosing arrow function.</param>
    /// <param name="reference">The reference.</param>
    public static bool TryRead(Node node, ExpressionSource source, Predicate<string> isParameter, [NotNullWhen(true)] out Reference? reference)
    {
        var parts = new List<ReferencePart>();
        while (true)
        {
            switch (node)
            {
                case ChainExpression chain:
                    node = chain.Expression;
                    continue;
                case MemberExpression member when PartOf(member, source) is { } part:
                    parts.Add(part);
                    node = member.Object;
                    continue;
                case Identifier { Name: not "undefined" } root when !isParameter(root.Name) && !ExpressionFunctions.Namespaces.Contains(root.Name):
                    parts.Reverse();
                    reference = new Reference(NameOf(root, source), [.. parts]);
                    return true;
                default:
                    reference = null;
                    return false;
            }
        }
    }

    /// <summary>Returns a name as written, with its hyphens.</summary>
    public static string NameOf(Identifier identifier, ExpressionSource source) => source.Text[identifier.Start..identifier.End];

    /// <summary>Returns the part that a member access adds, if it is known without evaluation.</summary>
    public static ReferencePart? PartOf(MemberExpression member, ExpressionSource source) => member switch
    {
        { Computed: false, Property: Identifier name } => ReferencePart.Of(NameOf(name, source)),
        { Computed: true, Property: StringLiteral text } => ReferencePart.Of(text.Value),
        { Computed: true, Property: NumericLiteral { Value: >= 0 and <= int.MaxValue } number } when number.Value == Math.Truncate(number.Value) =>
            ReferencePart.At((int)number.Value),
        _ => null,
    };
}
