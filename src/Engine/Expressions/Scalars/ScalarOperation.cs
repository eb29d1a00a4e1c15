using Acornima;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>
/// A binary operator that evaluates both sides. If JavaScript would convert a side in a way not implemented here, the script takes over.
/// </summary>
internal sealed class ScalarOperation(Operator operation, IScalarSource left, IScalarSource right) : IScalarSource
{
    public static bool Knows(Operator operation) => operation is
        Operator.Addition or Operator.Subtraction or Operator.Multiplication or Operator.Division or Operator.Remainder or
        Operator.StrictEquality or Operator.StrictInequality or Operator.Equality or Operator.Inequality or
        Operator.LessThan or Operator.LessThanOrEqual or Operator.GreaterThan or Operator.GreaterThanOrEqual;

    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        value = default;
        return left.TryEvaluate(scope, out var a) && right.TryEvaluate(scope, out var b) && TryApply(a, b, out value);
    }

    private bool TryApply(Scalar a, Scalar b, out Scalar value)
    {
        value = default;
        switch (operation)
        {
            case Operator.StrictEquality:
                value = Scalar.Of(AreSame(a, b));
                return true;
            case Operator.StrictInequality:
                value = Scalar.Of(!AreSame(a, b));
                return true;
            case Operator.Equality:
                value = Scalar.Of(AreSame(a, b));
                return (a.Kind == b.Kind && a.IsLarge == b.IsLarge) || a.Kind == ScalarKind.Null || b.Kind == ScalarKind.Null;
            case Operator.Inequality:
                value = Scalar.Of(!AreSame(a, b));
                return (a.Kind == b.Kind && a.IsLarge == b.IsLarge) || a.Kind == ScalarKind.Null || b.Kind == ScalarKind.Null;
            case Operator.Addition when a.Kind == ScalarKind.Text || b.Kind == ScalarKind.Text:
                return ScalarText.TryJoin(a.ToText(), b.ToText(), out value);
            default:
                return (a.Kind, b.Kind) switch
                {
                    (ScalarKind.Number, ScalarKind.Number) when a.IsLarge || b.IsLarge => false,
                    (ScalarKind.Number, ScalarKind.Number) => TryCalculate(a.Number, b.Number, out value),
                    (ScalarKind.Text, ScalarKind.Text) => TryCompare(string.CompareOrdinal(a.ToText(), b.ToText()), out value),
                    _ => false,
                };
        }
    }

    private static bool AreSame(Scalar a, Scalar b) => a.Kind == b.Kind && a.Kind switch
    {
        ScalarKind.Number when a.IsLarge || b.IsLarge => a.IsLarge && b.IsLarge && a.ToText() == b.ToText(),
        ScalarKind.Number => a.Number == b.Number,
        ScalarKind.Text => string.Equals(a.ToText(), b.ToText(), StringComparison.Ordinal),
        ScalarKind.Boolean => a.IsTrue == b.IsTrue,
        _ => true,
    };

    private bool TryCalculate(double a, double b, out Scalar value)
    {
        value = operation switch
        {
            Operator.Addition => Scalar.Of(a + b),
            Operator.Subtraction => Scalar.Of(a - b),
            Operator.Multiplication => Scalar.Of(a * b),
            Operator.Division => Scalar.Of(a / b),
            Operator.Remainder => Scalar.Of(a % b),
            Operator.LessThan => Scalar.Of(a < b),
            Operator.LessThanOrEqual => Scalar.Of(a <= b),
            Operator.GreaterThan => Scalar.Of(a > b),
            Operator.GreaterThanOrEqual => Scalar.Of(a >= b),
            _ => default,
        };
        return true;
    }

    private bool TryCompare(int order, out Scalar value)
    {
        bool? result = operation switch
        {
            Operator.LessThan => order < 0,
            Operator.LessThanOrEqual => order <= 0,
            Operator.GreaterThan => order > 0,
            Operator.GreaterThanOrEqual => order >= 0,
            _ => null,
        };
        value = Scalar.Of(result == true);
        return result is not null;
    }
}

/// <summary><c>&amp;&amp;</c>, <c>||</c> and <c>??</c>: evaluates the second side only if the first does not decide.</summary>
internal sealed class ScalarLogic(Operator operation, IScalarSource left, IScalarSource right) : IScalarSource
{
    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        if (!left.TryEvaluate(scope, out value))
        {
            return false;
        }

        var isDecided = operation switch
        {
            Operator.LogicalAnd => !value.IsTrue,
            Operator.LogicalOr => value.IsTrue,
            _ => value.Kind != ScalarKind.Null,
        };
        return isDecided || right.TryEvaluate(scope, out value);
    }
}

/// <summary><c>!</c>.</summary>
internal sealed class ScalarNot(IScalarSource operand) : IScalarSource
{
    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        var known = operand.TryEvaluate(scope, out value);
        value = Scalar.Of(!value.IsTrue);
        return known;
    }
}

/// <summary><c>test ? one : other</c>.</summary>
internal sealed class ScalarChoice(IScalarSource test, IScalarSource one, IScalarSource other) : IScalarSource
{
    public bool TryEvaluate(IScope scope, out Scalar value) =>
        test.TryEvaluate(scope, out value) && (value.IsTrue ? one : other).TryEvaluate(scope, out value);
}
