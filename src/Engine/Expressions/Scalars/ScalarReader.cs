using System.Collections.Immutable;
using Acornima;
using Acornima.Ast;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>
/// Compiles an expression that the script writer has accepted to one without the script engine, if it contains only references, literals,
/// operators and calls of helper functions. Signature checks and comparisons, the common case, then take one microsecond and not twenty.
/// </summary>
internal sealed class ScalarReader(ExpressionSource source)
{
    /// <summary>The most parts; larger expressions are left to the script engine, whose limits are designed for them.</summary>
    private const int MostParts = 64;

    // The script writer has already recorded the references; these findings are discarded.
    private readonly ExpressionFindings _findings = new(source);
    private int _parts;

    /// <summary>Returns null if the expression needs the script engine.</summary>
    public IScalarSource? Read(Node node)
    {
        if (++_parts > MostParts)
        {
            return null;
        }

        if (ReferenceReader.TryRead(node, source, static _ => false, out var reference))
        {
            return _findings.Use(reference, node) as IScalarSource;
        }

        return node switch
        {
            Literal literal => Constant(literal),
            Identifier { Name: "undefined" } => new ConstantExpression(Scalar.Null),
            TemplateLiteral template => Text(template),
            CallExpression { Callee: Identifier name } call when ExpressionFunctions.Find(name.Name) is { Scalar: not null } function => Call(call, function),
            ConditionalExpression choice => Combine([choice.Test, choice.Consequent, choice.Alternate], parts => new ScalarChoice(parts[0], parts[1], parts[2])),
            LogicalExpression logical => Combine([logical.Left, logical.Right], parts => new ScalarLogic(logical.Operator, parts[0], parts[1])),
            BinaryExpression binary when ScalarOperation.Knows(binary.Operator) =>
                Combine([binary.Left, binary.Right], parts => new ScalarOperation(binary.Operator, parts[0], parts[1])),
            UnaryExpression { Operator: Operator.LogicalNot } not => Combine([not.Argument], parts => new ScalarNot(parts[0])),
            _ => null,
        };
    }

    private static ConstantExpression? Constant(Literal literal) => literal switch
    {
        StringLiteral text => new ConstantExpression(Scalar.Of(text.Value)),
        NumericLiteral number when LargeInteger.IsLiteral(number.Raw, number.Value) => new ConstantExpression(Scalar.OfLarge(number.Raw, number.Value)),
        NumericLiteral number => new ConstantExpression(Scalar.Of(number.Value)),
        BooleanLiteral boolean => new ConstantExpression(Scalar.Of(boolean.Value)),
        NullLiteral => new ConstantExpression(Scalar.Null),
        _ => null,
    };

    private IScalarSource? Text(TemplateLiteral template)
    {
        var texts = template.Quasis.Select(quasi => quasi.Value.Cooked ?? "").ToImmutableArray();
        return Combine(template.Expressions, parts => new ScalarText(texts, parts));
    }

    private IScalarSource? Call(CallExpression call, ExpressionFunction function) =>
        Combine(call.Arguments, arguments => new ScalarCall(function, arguments, call.Start, source));

    private IScalarSource? Combine(IEnumerable<Node> nodes, Func<ImmutableArray<IScalarSource>, IScalarSource> combine)
    {
        var parts = ImmutableArray.CreateBuilder<IScalarSource>();
        foreach (var node in nodes)
        {
            if (Read(node) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        return combine(parts.ToImmutable());
    }
}
