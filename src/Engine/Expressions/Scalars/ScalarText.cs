using System.Collections.Immutable;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>A template literal: strings with values between them.</summary>
internal sealed class ScalarText(ImmutableArray<string> texts, ImmutableArray<IScalarSource> values) : IScalarSource
{
    public bool TryEvaluate(IScope scope, out Scalar value)
    {
        value = default;
        var pieces = new string[texts.Length + values.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            pieces[2 * i] = texts[i];
            if (i < values.Length)
            {
                if (!values[i].TryEvaluate(scope, out var part))
                {
                    return false;
                }

                pieces[(2 * i) + 1] = part.ToText();
            }
        }

        if (pieces.Sum(piece => (long)piece.Length) > ExpressionLimits.TextLength)
        {
            return false;
        }

        value = Scalar.Of(string.Concat(pieces));
        return true;
    }

    /// <summary>Joins two strings; false if the result is too long, which the script engine then reports.</summary>
    public static bool TryJoin(string a, string b, out Scalar value)
    {
        var fits = (long)a.Length + b.Length <= ExpressionLimits.TextLength;
        value = fits ? Scalar.Of(a + b) : default;
        return fits;
    }
}
