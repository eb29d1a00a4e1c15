using System.Text.Json;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>An expression of scalars, evaluated without the script engine. If a list or an object occurs, the script takes over.</summary>
internal sealed class ScalarExpression(IScalarSource source, Expression script) : Expression
{
    public override void WriteTo(Utf8JsonWriter writer, IScope scope)
    {
        if (source.TryEvaluate(scope, out var value))
        {
            value.WriteTo(writer);
        }
        else
        {
            script.WriteTo(writer, scope);
        }
    }

    public override void WriteText(Utf8JsonWriter writer, IScope scope)
    {
        if (source.TryEvaluate(scope, out var value))
        {
            value.WriteText(writer);
        }
        else
        {
            script.WriteText(writer, scope);
        }
    }

    public override bool IsTrue(IScope scope) => source.TryEvaluate(scope, out var value) ? value.IsTrue : script.IsTrue(scope);
}
