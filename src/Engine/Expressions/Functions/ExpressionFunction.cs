using Jint.Native;
using Sluice.Engine.Expressions.Scalars;
using Sluice.Engine.Expressions.Scripts;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>A function of scalars: the same code with and without the script engine.</summary>
internal delegate Scalar ScalarFunction(CallArguments arguments);

/// <summary>A function of arbitrary values, in the script engine.</summary>
internal delegate JsValue ScriptFunction(ScriptRun run, JsValue[] arguments);

/// <summary>A function that expressions can call: its documentation and its implementation.</summary>
/// <param name="Name">The name; dotted for <c>Math.max</c> and similar functions.</param>
/// <param name="Signature">The signature as documented: <c>(text, encoding?)</c>.</param>
/// <param name="Description">The result, in one sentence.</param>
internal sealed record ExpressionFunction(string Name, string Signature, string Description)
{
    public int Least { get; } = CountOf(Signature, optional: false);

    /// <summary>The maximum number of arguments; unlimited if the signature ends with <c>…</c>.</summary>
    public int Most { get; } = Signature.Contains('…', StringComparison.Ordinal) ? int.MaxValue : CountOf(Signature, optional: true);

    public ScalarFunction? Scalar { get; init; }

    public ScriptFunction? Script { get; init; }

    private static int CountOf(string signature, bool optional) =>
        signature.Trim('(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Count(name => optional || !name.EndsWith('?') && !name.Contains('…', StringComparison.Ordinal));
}
