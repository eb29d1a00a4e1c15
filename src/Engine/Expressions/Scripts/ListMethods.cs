using System.Text;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>The methods of lists. None of them changes its list.</summary>
internal static class ListMethods
{
    public static readonly Dictionary<string, Method> All = new(StringComparer.Ordinal)
    {
        ["at"] = Methods.Inherited("at"),
        ["concat"] = Concat,
        ["every"] = Methods.Inherited("every"),
        ["filter"] = Methods.Inherited("filter"),
        ["find"] = Methods.Inherited("find"),
        ["findIndex"] = Methods.Inherited("findIndex"),
        ["findLast"] = Methods.Inherited("findLast"),
        ["findLastIndex"] = Methods.Inherited("findLastIndex"),
        ["flat"] = Flat,
        ["flatMap"] = FlatMap,
        ["includes"] = Search("includes"),
        ["indexOf"] = Search("indexOf"),
        ["join"] = static (run, list, arguments) => JsString.Create(Join(run, list, arguments is [var separator, ..] && !separator.IsUndefined() ? run.ToText(separator) : ",")),
        ["lastIndexOf"] = Search("lastIndexOf"),
        ["map"] = Methods.Inherited("map"),
        ["reduce"] = Methods.Inherited("reduce"),
        ["reduceRight"] = Methods.Inherited("reduceRight"),
        ["slice"] = Methods.Inherited("slice"),
        ["some"] = Methods.Inherited("some"),
        ["toReversed"] = Methods.Inherited("toReversed"),
        ["toSorted"] = ToSorted,
        ["toString"] = static (run, list, _) => JsString.Create(Join(run, list, ",")),
    };

    /// <summary>Joins a list's items: nested lists with commas, null as nothing.</summary>
    public static string Join(ScriptRun run, JsValue value, string separator)
    {
        var text = new StringBuilder();
        if (value is JsArray list)
        {
            Join(run, text, list, separator);
        }

        return text.ToString();
    }

    private static void Join(ScriptRun run, StringBuilder text, JsArray list, string separator)
    {
        run.Budget.Enter();
        for (uint i = 0; i < list.Length; i++)
        {
            text.Append(i > 0 ? separator : "");
            switch (list[i])
            {
                case JsNull or JsUndefined:
                    break;
                case JsArray inner:
                    Join(run, text, inner, ",");
                    break;
                case var item:
                    text.Append(run.ToText(item));
                    break;
            }

            run.Budget.ChargePiece(text.Length, separator.Length);
        }

        run.Budget.Leave();
    }

    private static Method Search(string name) => (run, list, arguments) =>
    {
        run.Budget.ChargeSearch(((JsArray)list).Length, arguments is [JsString text, ..] ? text.Length : 1);
        return run.CallInherited(list, name, arguments);
    };

    private static JsArray Concat(ScriptRun run, JsValue list, JsValue[] arguments) =>
        Gathered(run, items =>
        {
            foreach (var argument in arguments.Prepend(list))
            {
                Add(run, items, argument, 1);
            }
        });

    private static JsArray Flat(ScriptRun run, JsValue list, JsValue[] arguments)
    {
        var depth = arguments is [JsNumber number, ..] ? (double)number.ToObject() : 1;
        return Gathered(run, items => Add(run, items, list, 1 + (int)Math.Clamp(depth, 0, ExpressionLimits.ValueDepth)));
    }

    private static JsArray FlatMap(ScriptRun run, JsValue list, JsValue[] arguments) =>
        Gathered(run, items =>
        {
            var source = (JsArray)list;
            for (uint i = 0; i < source.Length; i++)
            {
                Add(run, items, run.CallBack(Callback(arguments, "flatMap"), source[i], JsNumber.Create(i), list), 1);
            }
        });

    private static JsArray ToSorted(ScriptRun run, JsValue list, JsValue[] arguments)
    {
        var items = ((JsArray)list).ToArray();
        run.Budget.ChargeList(items.Length);
        if (arguments is [{ } compare, ..] && compare.IsCallable())
        {
            return (JsArray)run.CallInherited(list, "toSorted", arguments);
        }

        var rounds = 1 + (int)Math.Log2(items.Length + 1);
        var keys = new string[items.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = run.ToText(items[i]);
            run.Budget.Charge(keys[i].Length / 16 * rounds);
        }

        return new JsArray(run.Engine, [.. Enumerable.Range(0, items.Length).OrderBy(i => keys[i], StringComparer.Ordinal).Select(i => items[i])]);
    }

    private static JsArray Gathered(ScriptRun run, Action<List<JsValue>> fill)
    {
        var items = new List<JsValue>();
        fill(items);
        return new JsArray(run.Engine, [.. items]);
    }

    /// <summary>Adds a value, or the items of a list down to a depth.</summary>
    private static void Add(ScriptRun run, List<JsValue> items, JsValue value, int depth)
    {
        if (depth == 0 || value is not JsArray list)
        {
            items.Add(value);
            return;
        }

        run.Budget.Enter();
        run.Budget.ChargeList(items.Count + (long)list.Length);
        for (uint i = 0; i < list.Length; i++)
        {
            Add(run, items, list[i], depth - 1);
        }

        run.Budget.Leave();
    }

    private static JsValue Callback(JsValue[] arguments, string name) =>
        arguments is [{ } function, ..] && function.IsCallable()
            ? function
            : throw new FunctionException($"{name}: the argument must be an arrow function: item => item.id.");
}
