using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>The methods of strings.</summary>
internal static class TextMethods
{
    public static readonly Dictionary<string, Method> All = new(StringComparer.Ordinal)
    {
        ["at"] = Methods.Inherited("at"),
        ["charAt"] = Methods.Inherited("charAt"),
        ["charCodeAt"] = Methods.Inherited("charCodeAt"),
        ["codePointAt"] = Methods.Inherited("codePointAt"),
        ["concat"] = Concat,
        ["endsWith"] = Search("endsWith"),
        ["includes"] = Search("includes"),
        ["indexOf"] = Search("indexOf"),
        ["lastIndexOf"] = Search("lastIndexOf"),
        ["match"] = RegexMethods.Match,
        ["padEnd"] = Pad("padEnd"),
        ["padStart"] = Pad("padStart"),
        ["repeat"] = Repeat,
        ["replace"] = static (run, text, arguments) => Replace(run, text, arguments, all: false),
        ["replaceAll"] = static (run, text, arguments) => Replace(run, text, arguments, all: true),
        ["search"] = RegexMethods.Search,
        ["slice"] = Methods.Inherited("slice"),
        ["split"] = Split,
        ["startsWith"] = Search("startsWith"),
        ["substring"] = Methods.Inherited("substring"),
        ["toLowerCase"] = Methods.Inherited("toLowerCase"),
        ["toString"] = static (_, text, _) => text,
        ["toUpperCase"] = Methods.Inherited("toUpperCase"),
        ["trim"] = Methods.Inherited("trim"),
        ["trimEnd"] = Methods.Inherited("trimEnd"),
        ["trimStart"] = Methods.Inherited("trimStart"),
    };

    private static Method Search(string name) => (run, text, arguments) =>
    {
        var sought = run.ToText(arguments is [var first, ..] ? first : JsValue.Null);
        run.Budget.ChargeSearch(((JsString)text).Length, sought.Length);
        return run.CallInherited(text, name, [JsString.Create(sought), .. arguments.Skip(1)]);
    };

    private static Method Pad(string name) => (run, text, arguments) =>
    {
        var length = arguments is [var first, ..] ? TypeConverter.ToNumber(first) : 0;
        run.Budget.ChargeText(length > int.MaxValue ? int.MaxValue : (long)Math.Max(length, 0));
        return run.CallInherited(text, name, arguments);
    };

    private static JsString Concat(ScriptRun run, JsValue text, JsValue[] arguments)
    {
        var result = new StringBuilder(text.ToString());
        foreach (var argument in arguments)
        {
            result.Append(run.ToText(argument));
            run.Budget.ChargeText(result.Length);
        }

        return JsString.Create(result.ToString());
    }

    private static JsValue Repeat(ScriptRun run, JsValue text, JsValue[] arguments)
    {
        var count = arguments is [var first, ..] ? TypeConverter.ToNumber(first) : 0;
        run.Budget.ChargeText((long)Math.Min(Math.Max(count, 0) * ((JsString)text).Length, int.MaxValue));
        return run.CallInherited(text, "repeat", arguments);
    }

    private static JsValue Split(ScriptRun run, JsValue text, JsValue[] arguments)
    {
        if (arguments is [JsRegExp regex, ..])
        {
            return RegexMethods.Split(run, text.ToString(), regex);
        }

        if (arguments is [var first, ..] && !first.IsUndefined())
        {
            var (value, separator) = (text.ToString(), run.ToText(first));
            run.Budget.ChargeSearch(value.Length, separator.Length);
            run.Budget.ChargeList(separator.Length == 0 ? value.Length : 1 + value.AsSpan().Count(separator));
            return run.CallInherited(text, "split", [JsString.Create(separator), .. arguments.Skip(1)]);
        }

        return new JsArray(run.Engine, [text]);
    }

    private static JsString Replace(ScriptRun run, JsValue text, JsValue[] arguments, bool all)
    {
        if (arguments is not [var pattern, var replacement])
        {
            throw new FunctionException($"{(all ? "replaceAll" : "replace")} takes a pattern and a replacement.");
        }

        var value = text.ToString();
        var found = pattern is JsRegExp regex ? RegexMethods.Find(run, value, regex, all) : FindText(run, value, run.ToText(pattern), all);
        return JsString.Create(Replacement.Apply(run, value, found, replacement));
    }

    private static IEnumerable<TextMatch> FindText(ScriptRun run, string value, string sought, bool all)
    {
        run.Budget.ChargeSearch(value.Length, sought.Length);
        for (var at = 0; at <= value.Length;)
        {
            var index = value.IndexOf(sought, at, StringComparison.Ordinal);
            if (index < 0)
            {
                yield break;
            }

            yield return new TextMatch(index, sought, [], null);
            if (!all)
            {
                yield break;
            }

            at = index + Math.Max(sought.Length, 1);
        }
    }
}
