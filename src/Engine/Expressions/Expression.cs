using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>One compiled <c>{{ expression }}</c>. Immutable: any number of runs may evaluate it at the same time.</summary>
internal abstract class Expression
{
    /// <summary>Whether its value is constant.</summary>
    public virtual bool IsConstant => false;

    /// <summary>Writes its value as JSON.</summary>
    /// <exception cref="ExpressionException"/>
    public abstract void WriteTo(Utf8JsonWriter writer, IScope scope);

    /// <summary>Writes its value as part of a string: strings unchanged, nothing for null, everything else as JSON.</summary>
    /// <exception cref="ExpressionException"/>
    public abstract void WriteText(Utf8JsonWriter writer, IScope scope);

    /// <summary>Whether its value is truthy, as in JavaScript.</summary>
    /// <exception cref="ExpressionException"/>
    public abstract bool IsTrue(IScope scope);
}
