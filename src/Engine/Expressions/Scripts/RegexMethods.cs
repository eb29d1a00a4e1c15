using Jint.Native;
using Jint.Runtime;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>
/// The operations with regular expressions. The engine limits the time of one match, but a string can contain a hundred thousand slow ones,
/// so matches are found one at a time and each is charged.
/// </summary>
internal static class RegexMethods
{
    public static JsValue Test(ScriptRun run, JsValue regex, JsValue[] arguments) =>
        Find(run, run.ToText(arguments is [var text, ..] ? text : JsValue.Null), (JsRegExp)regex, false).Any() ? JsBoolean.True : JsBoolean.False;

    public static JsValue Search(ScriptRun run, JsValue text, JsValue[] arguments) =>
        JsNumber.Create(Find(run, text.ToString(), Regex(arguments, "search"), false).FirstOrDefault()?.Index ?? -1);

    public static JsValue Match(ScriptRun run, JsValue text, JsValue[] arguments)
    {
        var regex = Regex(arguments, "match");
        if (!regex.Global)
        {
            return Execute(run, regex, text, 0);
        }

        var found = Find(run, text.ToString(), regex, true).Select(JsValue (match) => JsString.Create(match.Text)).ToArray();
        return found.Length == 0 ? JsValue.Null : new JsArray(run.Engine, found);
    }

    public static JsValue Split(ScriptRun run, string text, JsRegExp regex)
    {
        var pieces = new List<JsValue>();
        var end = 0;
        foreach (var match in Find(run, text, regex, true))
        {
            var next = match.Index + match.Text.Length;
            if (next == end || match.Index >= text.Length)
            {
                continue;
            }

            pieces.Add(JsString.Create(text[end..match.Index]));
            pieces.AddRange(match.Groups.Select(group => group is null ? JsValue.Null : JsString.Create(group)));
            end = next;
        }

        pieces.Add(JsString.Create(text[end..]));
        run.Budget.ChargeList(pieces.Count);
        return new JsArray(run.Engine, [.. pieces]);
    }

    /// <summary>Returns the first match, or with a global expression (or <paramref name="all"/>) every match, lazily.</summary>
    public static IEnumerable<TextMatch> Find(ScriptRun run, string text, JsRegExp regex, bool all)
    {
        if (all && !regex.Global)
        {
            throw new FunctionException("replaceAll needs a regular expression with the flag g: /a+/g.");
        }

        var value = JsString.Create(text);
        for (var at = 0; at <= text.Length;)
        {
            if (Execute(run, regex, value, at) is not JsArray found)
            {
                yield break;
            }

            var match = Read(run, found);
            yield return match;
            if (!regex.Global)
            {
                yield break;
            }

            at = match.Text.Length > 0 ? match.Index + match.Text.Length : match.Index + 1;
        }
    }

    private static JsValue Execute(ScriptRun run, JsRegExp regex, JsValue text, int at)
    {
        run.Budget.Charge(WorkBudget.Match);
        regex.Set("lastIndex", JsNumber.Create(at), throwOnError: true);
        return run.CallInherited(regex, "exec", text);
    }

    private static TextMatch Read(ScriptRun run, JsArray found)
    {
        var groups = new string?[found.Length - 1];
        for (uint i = 1; i < found.Length; i++)
        {
            groups[i - 1] = found[i] is JsString group ? group.ToString() : null;
        }

        var named = ScriptRun.Get(found, JsString.Create("groups"));
        return new TextMatch((int)TypeConverter.ToNumber(ScriptRun.Get(found, JsString.Create("index"))), found[0].ToString(), groups, named is JsNull ? null : named);
    }

    private static JsRegExp Regex(JsValue[] arguments, string name) =>
        arguments is [JsRegExp regex, ..] ? regex : throw new FunctionException($"{name} takes a regular expression: /a+/.");
}
