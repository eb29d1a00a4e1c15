namespace Sluice.Engine.Expressions.Scalars;

/// <summary>An expression, or a part of one, that needs no script engine as long as its values are scalars.</summary>
internal interface IScalarSource
{
    /// <summary>Evaluates it; false where a list or an object turned up, which the script engine must look at.</summary>
    /// <exception cref="ExpressionException"/>
    bool TryEvaluate(IScope scope, out Scalar value);
}
