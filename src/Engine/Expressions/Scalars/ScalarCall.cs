using System.Collections.Immutable;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>A call of a helper function.</summary>
internal sealed class ScalarCall(ExpressionFunction function, ImmutableArray<IScalarSource> arguments, int offset, ExpressionSource source) : IScalarSource
{
    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        var values = new Scalar[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (!arguments[i].TryEvaluate(scope, out values[i]))
            {
                value = default;
                return false;
            }
        }

        try
        {
            value = function.Scalar!(new CallArguments(function.Name, values, scope));
            return true;
        }
        catch (FunctionException exception)
        {
            throw source.Failure(offset, exception.Message, exception);
        }
    }
}
