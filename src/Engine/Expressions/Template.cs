using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>A compiled string value.</summary>
internal sealed class Template
{
    /// <summary>Whether no expression is in it.</summary>
    public bool IsLiteral { get; }

    /// <summary>What it reads, secrets aside.</summary>
    public ImmutableArray<ReferenceUse> References { get; }

    /// <summary>The names of the secrets that it reads.</summary>
    public ImmutableArray<string> Secrets { get; }

    /// <summary>Writes its value: the JSON type kept where the text is exactly one expression, else a string.</summary>
    /// <exception cref="ExpressionException"/>
    public void WriteTo(Utf8JsonWriter writer, IScope scope) => throw new NotImplementedException();

    /// <summary>Whether its value is true in the sense of JavaScript: not false, null, 0 or "".</summary>
    /// <exception cref="ExpressionException"/>
    public bool IsTrue(IScope scope) => throw new NotImplementedException();
}
