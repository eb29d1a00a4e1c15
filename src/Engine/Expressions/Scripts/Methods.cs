using System.Collections.Frozen;
using Jint.Native;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scripts;

/// <summary>A method of one kind of value; charges the budget before any work that can grow.</summary>
internal delegate JsValue Method(ScriptRun run, JsValue receiver, JsValue[] arguments);

/// <summary>All methods that expressions can call, by the kind of value.</summary>
internal static class Methods
{
    private static readonly FrozenDictionary<string, Method> OfTexts = TextMethods.All.ToFrozenDictionary(StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, Method> OfLists = ListMethods.All.ToFrozenDictionary(StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, Method> OfNumbers =
        new[] { "toFixed", "toPrecision", "toString" }.ToFrozenDictionary(name => name, Inherited, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Method> OfLargeIntegers =
        new Dictionary<string, Method> { ["toString"] = static (_, number, _) => JsString.Create(number.ToString()) }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Method> OfBooleans = new[] { "toString" }.ToFrozenDictionary(name => name, Inherited, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Method> OfRegexes =
        new Dictionary<string, Method> { ["test"] = RegexMethods.Test }.ToFrozenDictionary(StringComparer.Ordinal);

    public static readonly FrozenSet<string> Names =
        new[] { OfTexts, OfLists, OfNumbers, OfRegexes }.SelectMany(methods => methods.Keys).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The methods that take an arrow function.</summary>
    public static readonly FrozenSet<string> TakeFunction = FrozenSet.Create(
        StringComparer.Ordinal,
        "every", "filter", "find", "findIndex", "findLast", "findLastIndex", "flatMap", "map", "reduce", "reduceRight", "replace", "replaceAll", "some", "toSorted");

    /// <summary>The methods that take a regular expression.</summary>
    public static readonly FrozenSet<string> TakeRegex = FrozenSet.Create(StringComparer.Ordinal, "match", "replace", "replaceAll", "search", "split");

    public static JsValue Call(ScriptRun run, JsValue receiver, string name, JsValue[] arguments)
    {
        var (methods, kind) = receiver switch
        {
            JsString => (OfTexts, "a string"),
            JsArray => (OfLists, "a list"),
            JsNumber => (OfNumbers, "a number"),
            JsBigInt => (OfLargeIntegers, "an integer beyond 9007199254740991 (2^53 - 1)"),
            JsBoolean => (OfBooleans, "a boolean"),
            JsRegExp => (OfRegexes, "a regular expression"),
            _ => (FrozenDictionary<string, Method>.Empty, "an object"),
        };
        return methods.TryGetValue(name, out var method)
            ? method(run, receiver, arguments)
            : throw new FunctionException($".{name}(…) is called on {kind}, which has no such method.");
    }

    /// <summary>Returns a method of JavaScript whose work and result are no larger than its receiver.</summary>
    public static Method Inherited(string name) => (run, receiver, arguments) =>
    {
        run.Budget.Charge(receiver is JsString text ? text.Length : receiver is JsArray list ? list.Length : 1);
        return run.CallInherited(receiver, name, arguments);
    };
}
