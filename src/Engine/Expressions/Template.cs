using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>A compiled string value.</summary>
internal sealed class Template
{
    private static readonly IScope Nothing = new EmptyScope();

    private readonly ImmutableArray<TemplatePart> _parts;

    /// <summary>The expression that is the whole value; null if there is text around it.</summary>
    private readonly Expression? _whole;

    /// <summary>The value as JSON, if it is constant.</summary>
    private readonly byte[]? _constant;

    public Template(ImmutableArray<TemplatePart> parts, bool isWhole, ImmutableArray<ReferenceUse> references, ImmutableArray<string> secrets)
    {
        _parts = parts;
        _whole = isWhole ? parts[0].Expression : null;
        References = references;
        Secrets = secrets;
        if (parts.All(part => part.Expression is null or { IsConstant: true }))
        {
            _constant = ConstantJson.Write(writer => WriteParts(writer, Nothing));
        }
    }

    /// <summary>Whether it contains no expression, or only constant ones.</summary>
    public bool IsLiteral => _constant is not null;

    /// <summary>The references that it reads, except secrets.</summary>
    public ImmutableArray<ReferenceUse> References { get; }

    /// <summary>The names of the secrets that it reads.</summary>
    public ImmutableArray<string> Secrets { get; }

    /// <summary>Writes its value: with its JSON type if the string is exactly one expression, otherwise as a string.</summary>
    /// <exception cref="ExpressionException"/>
    public void WriteTo(Utf8JsonWriter writer, IScope scope)
    {
        if (_constant is not null)
        {
            writer.WriteRawValue(_constant, skipInputValidation: true);
        }
        else
        {
            WriteParts(writer, scope);
        }
    }

    /// <summary>Whether its value is truthy, as in JavaScript: not false, null, 0 or "".</summary>
    /// <exception cref="ExpressionException"/>
    public bool IsTrue(IScope scope)
    {
        if (_whole is not null)
        {
            return _whole.IsTrue(scope);
        }

        if (_parts.Any(part => part.Text.Length > 0))
        {
            return true;
        }

        var text = ConstantJson.Write(writer => WriteParts(writer, scope));
        return text.Length > 2;
    }

    private void WriteParts(Utf8JsonWriter writer, IScope scope)
    {
        if (_whole is not null)
        {
            _whole.WriteTo(writer, scope);
            return;
        }

        foreach (var part in _parts)
        {
            if (part.Expression is null)
            {
                writer.WriteStringValueSegment(part.Text.Span, isFinalSegment: false);
            }
            else
            {
                part.Expression.WriteText(writer, scope);
            }
        }

        writer.WriteStringValueSegment(ReadOnlySpan<byte>.Empty, isFinalSegment: true);
    }

    /// <summary>The scope of constants, which read nothing.</summary>
    private sealed class EmptyScope : IScope
    {
        public JsonElement Resolve(Reference reference) => default;

        public string? Secret(string name) => null;

        public string Mask(string text) => text;

        public DateTimeOffset Now => throw new InvalidOperationException("A constant reads no clock.");

        public Guid NextUuid() => throw new InvalidOperationException("A constant reads no UUID.");
    }
}
