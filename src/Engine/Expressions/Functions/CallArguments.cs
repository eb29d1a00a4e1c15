using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>The arguments of one call of a helper function.</summary>
internal readonly ref struct CallArguments(string function, ReadOnlySpan<Scalar> values, IScope scope)
{
    private const int LongestQuote = 40;

    private readonly ReadOnlySpan<Scalar> _values = values;

    /// <summary>The scope of the expression.</summary>
    public IScope Scope { get; } = scope;

    public Scalar this[int index] => index < _values.Length ? _values[index] : Scalar.Null;

    /// <summary>Returns an argument as a string: null is the empty string; numbers and booleans as JSON writes them.</summary>
    public string Text(int index, string name) => this[index].Kind switch
    {
        ScalarKind.Null => "",
        ScalarKind.Structure => throw Fault($"the {name} must be a string, not a list or an object; write to_json(…) around it"),
        _ => this[index].ToText(),
    };

    /// <summary>Returns a string argument that must not be missing or empty.</summary>
    public string RequiredText(int index, string name) =>
        Text(index, name) is { Length: > 0 } text ? text : throw Fault($"the {name} is null or empty");

    public string TextOr(int index, string name, string otherwise) => this[index].Kind == ScalarKind.Null ? otherwise : Text(index, name);

    public double Number(int index, string name) =>
        this[index].IsLarge ? throw Fault($"the {name} is an integer beyond 9007199254740991 (2^53 - 1), which can't be calculated with")
        : this[index].Kind == ScalarKind.Number && double.IsFinite(this[index].Number)
            ? this[index].Number
            : throw Fault($"the {name} must be a number; write Number(…) around a string");

    /// <summary>Quotes a value for a message. Masks it before cutting it, so that no part of a secret remains.</summary>
    public string Quote(string value) => Scope.Mask(value) is var masked && masked.Length > LongestQuote ? $"'{masked[..LongestQuote]}…'" : $"'{masked}'";

    public FunctionException Fault(string message, Exception? cause = null) => new($"{function}: {message}.", cause);
}

/// <summary>Thrown if a call of a function fails; the evaluation adds the location.</summary>
internal sealed class FunctionException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the call exceeded one of the <see cref="ExpressionLimits"/>.</summary>
    public bool IsLimit { get; init; }
}
