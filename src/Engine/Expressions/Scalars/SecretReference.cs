using System.Text.Json;

namespace Sluice.Engine.Expressions.Scalars;

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
