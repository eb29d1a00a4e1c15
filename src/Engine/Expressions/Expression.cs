using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>One compiled <c>{{ expression }}</c>. Immutable: any number of runs evaluate it at once.</summary>
internal abstract class Expression
{
    /// <summary>Whether its value is always the same.</summary>
    public virtual bool IsConstant => false;

    /// <summary>Writes its value as JSON.</summary>
    /// <exception cref="ExpressionException"/>
    public abstract void WriteTo(Utf8JsonWriter writer, IScope scope);

    /// <summary>Writes its value as a piece of a string: text as it is, nothing for null, everything else as JSON.</summary>
    /// <exception cref="ExpressionException"/>
    public abstract void WriteText(Utf8JsonWriter writer, IScope scope);

    /// <summary>Whether its value is true in the sense of JavaScript.</summary>
    /// <exception cref="ExpressionException"/>
    public abstract bool IsTrue(IScope scope);
}
