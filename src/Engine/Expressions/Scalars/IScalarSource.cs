namespace Sluice.Engine.Expressions.Scalars;

/// <summary>An expression, or part of one, that does not need the script engine as long as its values are scalars.</summary>
internal interface IScalarSource
{
    /// <summary>Evaluates it; false if a list or an object occurs, which only the script engine can process.</summary>
    /// <exception cref="ExpressionException"/>
    bool TryEvaluate(IScope scope, out Scalar value);
}
