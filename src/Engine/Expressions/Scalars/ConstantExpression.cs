using System.Text.Json;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>A constant value.</summary>
internal sealed class ConstantExpression(Scalar value) : Expression, IScalarSource
{
    public override bool IsConstant => true;

    public override void WriteTo(Utf8JsonWriter writer, IScope scope) => value.WriteTo(writer);

    public override void WriteText(Utf8JsonWriter writer, IScope scope) => value.WriteText(writer);

    public override bool IsTrue(IScope scope) => value.IsTrue;

    public bool TryEvaluate(IScope scope, out Scalar result)
    {
        result = value;
        return true;
    }
}
