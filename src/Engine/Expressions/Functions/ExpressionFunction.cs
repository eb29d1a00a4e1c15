using Jint.Native;
using Sluice.Engine.Expressions.Scalars;
using Sluice.Engine.Expressions.Scripts;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>A function over scalars; the same code with and without the script engine.</summary>
internal delegate Scalar ScalarFunction(CallArguments arguments);

/// <summary>A function over any values, in the script engine.</summary>
internal delegate JsValue ScriptFunction(ScriptRun run, JsValue[] arguments);

/// <summary>A function that expressions may call: its documentation and its code.</summary>
/// <param name="Name">Its name; dotted for <c>Math.max</c> and the like.</param>
/// <param name="Signature">As the documentation shows it: <c>(text, encoding?)</c>.</param>
/// <param name="Description">What it gives, in a sentence.</param>
internal sealed record ExpressionFunction(string Name, string Signature, string Description)
{
    public int Least { get; } = CountOf(Signature, optional: false);

    /// <summary>The greatest number of arguments; a signature that ends with <c>…</c> has none.</summary>
    public int Most { get; } = Signature.Contains('…', StringComparison.Ordinal) ? int.MaxValue : CountOf(Signature, optional: true);

    public ScalarFunction? Scalar { get; init; }

    public ScriptFunction? Script { get; init; }

    private static int CountOf(string signature, bool optional) =>
        signature.Trim('(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Count(name => optional || !name.EndsWith('?') && !name.Contains('…', StringComparison.Ordinal));
}
