using System.Text;
using Jint;
using Jint.Native;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>A match of a pattern in a string.</summary>
/// <param name="Index">Where the match begins.</param>
/// <param name="Text">The matched text.</param>
/// <param name="Groups">The groups of a regular expression, from the first on; null for a group that did not participate.</param>
/// <param name="Named">The named groups as a JavaScript object; null if there are none.</param>
internal sealed record TextMatch(int Index, string Text, IReadOnlyList<string?> Groups, JsValue? Named);

/// <summary>Replaces matches of a pattern (ECMA-262, GetSubstitution), and charges for the result.</summary>
internal static class Replacement
{
    public static string Apply(ScriptRun run, string value, IEnumerable<TextMatch> matches, JsValue replacement)
    {
        var template = replacement.IsCallable() ? null : run.ToText(replacement);
        var result = new StringBuilder();
        var end = 0;
        foreach (var match in matches)
        {
            result.Append(value, end, match.Index - end);
            if (template is null)
            {
                result.Append(run.ToText(Call(run, replacement, match, value)));
            }
            else
            {
                Expand(result, run, template, match, value);
            }

            end = match.Index + match.Text.Length;
            run.Budget.ChargePiece(result.Length, template?.Length ?? 1);
        }

        result.Append(value, end, value.Length - end);
        run.Budget.ChargeText(result.Length);
        return result.ToString();
    }

    private static JsValue Call(ScriptRun run, JsValue function, TextMatch match, string value)
    {
        List<JsValue> arguments = [JsString.Create(match.Text)];
        arguments.AddRange(match.Groups.Select(group => group is null ? JsValue.Null : JsString.Create(group)));
        arguments.Add(JsNumber.Create(match.Index));
        arguments.Add(JsString.Create(value));
        return run.CallBack(function, [.. arguments]);
    }

    private static void Expand(StringBuilder result, ScriptRun run, string template, TextMatch match, string value)
    {
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '$' || i + 1 == template.Length)
            {
                result.Append(template[i]);
                continue;
            }

            var length = Substitute(result, template.AsSpan(i + 1), run, match, value);
            if (length == 0)
            {
                result.Append('$');
            }

            i += length;
            run.Budget.ChargePiece(result.Length, 1);
        }
    }

    /// <summary>
    /// Appends the value of a <c>$…</c>. Returns how many characters after the <c>$</c> belong to it; 0 if the <c>$</c> is literal.
    /// </summary>
    private static int Substitute(StringBuilder result, ReadOnlySpan<char> code, ScriptRun run, TextMatch match, string value)
    {
        switch (code[0])
        {
            case '$':
                result.Append('$');
                return 1;
            case '&':
                result.Append(match.Text);
                return 1;
            case '`':
                run.Budget.Charge(match.Index);
                result.Append(value, 0, match.Index);
                return 1;
            case '\'':
                var after = match.Index + match.Text.Length;
                run.Budget.Charge(value.Length - after);
                result.Append(value, after, value.Length - after);
                return 1;
            case '<' when match.Named is not null && code.IndexOf('>') is > 0 and var close:
                var named = ScriptRun.Get(match.Named, JsString.Create(code[1..close].ToString()));
                result.Append(named.IsNull() ? "" : named.ToString());
                return close + 1;
            default:
                return Group(result, code, match);
        }
    }

    private static int Group(StringBuilder result, ReadOnlySpan<char> code, TextMatch match)
    {
        for (var digits = Math.Min(2, code.Length); digits > 0; digits--)
        {
            if (int.TryParse(code[..digits], System.Globalization.NumberStyles.None, null, out var number) && number >= 1 && number <= match.Groups.Count)
            {
                result.Append(match.Groups[number - 1]);
                return digits;
            }
        }

        return 0;
    }
}
