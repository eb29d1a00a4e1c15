using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>The arguments of one call of a helper function.</summary>
internal readonly ref struct CallArguments(string function, ReadOnlySpan<Scalar> values, IScope scope)
{
    private const int LongestQuote = 40;

    private readonly ReadOnlySpan<Scalar> _values = values;

    /// <summary>What the expression reads.</summary>
    public IScope Scope { get; } = scope;

    public Scalar this[int index] => index < _values.Length ? _values[index] : Scalar.Null;

    /// <summary>An argument as text; null counts as empty text, numbers and booleans as they are written.</summary>
    public string Text(int index, string name) => this[index].Kind switch
    {
        ScalarKind.Null => "",
        ScalarKind.Structure => throw Fault($"the {name} is a list or an object, and must be text; write to_json(…) around it"),
        _ => this[index].ToText(),
    };

    /// <summary>An argument that must not be missing or empty.</summary>
    public string RequiredText(int index, string name) =>
        Text(index, name) is { Length: > 0 } text ? text : throw Fault($"the {name} is null or empty");

    public string TextOr(int index, string name, string otherwise) => this[index].Kind == ScalarKind.Null ? otherwise : Text(index, name);

    public double Number(int index, string name) =>
        this[index].IsLarge ? throw Fault($"the {name} is an integer beyond 9007199254740991 (2^53 - 1), which can't be calculated with")
        : this[index].Kind == ScalarKind.Number && double.IsFinite(this[index].Number)
            ? this[index].Number
            : throw Fault($"the {name} must be a number; write Number(…) around a text");

    /// <summary>A value as a message quotes it: masked, and only then cut, so that no part of a secret is left.</summary>
    public string Quote(string value) => Scope.Mask(value) is var masked && masked.Length > LongestQuote ? $"'{masked[..LongestQuote]}…'" : $"'{masked}'";

    public FunctionException Fault(string message, Exception? cause = null) => new($"{function}: {message}.", cause);
}

/// <summary>A call that can't be done; whoever evaluates adds the place.</summary>
internal sealed class FunctionException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the call hit a limit of <see cref="ExpressionLimits"/>.</summary>
    public bool IsLimit { get; init; }
}
