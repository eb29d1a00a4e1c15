using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>An expression over scalars, evaluated without a script engine; where a list or an object turns up, the script takes over.</summary>
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
        if (!source.TryEvaluate(scope, out var value))
        {
            script.WriteText(writer, scope);
        }
        else if (value.Kind != ScalarKind.Null)
        {
            WellFormedText.Write(writer, value.ToText());
        }
    }

    public override bool IsTrue(IScope scope) => source.TryEvaluate(scope, out var value) ? value.IsTrue : script.IsTrue(scope);
}

/// <summary>A value that is always the same.</summary>
internal sealed class ConstantExpression(Scalar value) : Expression, IScalarSource
{
    public override bool IsConstant => true;

    public override void WriteTo(Utf8JsonWriter writer, IScope scope) => value.WriteTo(writer);

    public override void WriteText(Utf8JsonWriter writer, IScope scope)
    {
        if (value.Kind != ScalarKind.Null)
        {
            WellFormedText.Write(writer, value.Kind == ScalarKind.Number && !double.IsFinite(value.Number) ? "null" : value.ToText());
        }
    }

    public override bool IsTrue(IScope scope) => value.IsTrue;

    public bool TryEvaluate(IScope scope, out Scalar result)
    {
        result = value;
        return true;
    }
}

/// <summary><c>secrets.NAME</c>.</summary>
internal sealed class SecretReference(string name, int offset, ExpressionSource source) : Expression, IScalarSource
{
    public string Read(IScope scope) => scope.Secret(name) ?? throw source.Failure(
        offset,
        $"The secret '{name}' is not set. Set the environment variable SLUICE_SECRET_{name.ToUpperInvariant()}, or put a file named {name} into the secrets folder.");

    public override void WriteTo(Utf8JsonWriter writer, IScope scope) => writer.WriteStringValue(Read(scope));

    public override void WriteText(Utf8JsonWriter writer, IScope scope) => WellFormedText.Write(writer, Read(scope));

    public override bool IsTrue(IScope scope) => Read(scope).Length > 0;

    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        value = Scalar.Of(Read(scope));
        return true;
    }
}
