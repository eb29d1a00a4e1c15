using System.Text;
using Jint.Native;
using Jint.Native.Object;
using Jint.Runtime;
using Sluice.Engine.Expressions.Scripts;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>The functions that take or return lists and objects.</summary>
internal static class StructureFunctions
{
    public static JsValue Json(ScriptRun run, JsValue[] arguments)
    {
        switch (arguments[0])
        {
            case JsNull or JsUndefined:
                return JsValue.Null;
            case JsString text:
                try
                {
                    return run.Parse(Encoding.UTF8.GetBytes(text.ToString()));
                }
                catch (JavaScriptException exception)
                {
                    throw new FunctionException($"json: the text is not JSON: {exception.Message}.", exception);
                }

            default:
                throw new FunctionException("json: the value must be a string; to_json writes a value as one.");
        }
    }

    public static JsValue ToJson(ScriptRun run, JsValue[] arguments)
    {
        var json = JsonOutput.ToUtf8(arguments[0], run.Budget);
        run.Budget.ChargeText(json.WrittenCount);
        return JsString.Create(Encoding.UTF8.GetString(json.WrittenSpan));
    }

    public static JsValue Keys(ScriptRun run, JsValue[] arguments) => ListOf(run, arguments, static (_, name, _) => name);

    public static JsValue Values(ScriptRun run, JsValue[] arguments) => ListOf(run, arguments, static (_, _, value) => value);

    public static JsValue Entries(ScriptRun run, JsValue[] arguments) =>
        ListOf(run, arguments, static (run, name, value) => new JsArray(run.Engine, [name, value]));

    public static JsValue FromEntries(ScriptRun run, JsValue[] arguments)
    {
        if (arguments[0] is not JsArray list)
        {
            throw new FunctionException("Object.fromEntries: the value must be a list of [name, value].");
        }

        run.Budget.ChargeList(list.Length);
        var result = new JsObject(run.Engine);
        for (uint i = 0; i < list.Length; i++)
        {
            if (list[i] is not JsArray { Length: 2 } entry)
            {
                throw new FunctionException($"Object.fromEntries: item {i} is not [name, value].");
            }

            result.FastSetDataProperty(run.ToText(entry[0]), entry[1]);
        }

        return result;
    }

    /// <summary>Returns a list with one result per member; an empty list for null.</summary>
    private static JsArray ListOf(ScriptRun run, JsValue[] arguments, Func<ScriptRun, JsValue, JsValue, JsValue> item)
    {
        var items = new List<JsValue>();
        if (arguments[0] is ObjectInstance members and not Jint.Native.Function.Function)
        {
            foreach (var (name, property) in members.GetOwnProperties())
            {
                if (name is JsString && property.Enumerable)
                {
                    items.Add(item(run, name, property.Value));
                }
            }
        }

        run.Budget.ChargeList(items.Count);
        return new JsArray(run.Engine, [.. items]);
    }
}
