using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Engine.Schemas;

/// <summary><c>type</c>.</summary>
internal sealed class TypeRule(ImmutableArray<string> types) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        var kind = JsonTypes.Of(value);
        return types.Contains(kind) || (kind == "number" && types.Contains("integer") && JsonTypes.IsWhole(value))
            || frame.Fail($"must be {string.Join(" or ", types.Select(JsonTypes.Word))}, not {JsonTypes.GivenWord(kind, types)}.");
    }
}

/// <summary><c>enum</c> and <c>const</c>.</summary>
internal sealed class ValuesRule(ImmutableArray<JsonElement> values) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        frame.Run.Spend(values.Length);
        foreach (var allowed in values)
        {
            if (JsonElement.DeepEquals(allowed, value))
            {
                return true;
            }
        }

        return values is [var only]
            ? frame.Fail($"must be {only.GetRawText()}.", only.GetRawText())
            : frame.Fail($"must be one of {string.Join(", ", values.Select(allowed => allowed.GetRawText()))}.");
    }
}

/// <summary><c>minimum</c>, <c>maximum</c> and the exclusive two.</summary>
internal sealed class BoundRule(JsonElement bound, string words, Func<int, bool> fits) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame) =>
        value.ValueKind is not JsonValueKind.Number || fits(JsonTypes.Compare(value, bound)) || frame.Fail($"must be {words} {bound.GetRawText()}.");
}

/// <summary><c>multipleOf</c>.</summary>
internal sealed class MultipleRule(JsonElement factor) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame) =>
        value.ValueKind is not JsonValueKind.Number || JsonTypes.IsMultiple(value, factor) || frame.Fail($"must be a multiple of {factor.GetRawText()}.");
}

/// <summary><c>minLength</c> and <c>maxLength</c>, in characters and not in UTF-16 code units.</summary>
internal sealed class LengthRule(long least, long most) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            return true;
        }

        var text = value.GetString()!;
        frame.Run.Spend(text.Length / 64);
        long length = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            length++;
        }

        return (length >= least || frame.Fail(Words(least, "at least")))
            && (length <= most || frame.Fail(Words(most, "at most")));
    }

    private static string Words(long bound, string words) =>
        string.Create(CultureInfo.InvariantCulture, $"must have {words} {bound} character{(bound == 1 ? "" : "s")}.");
}

/// <summary><c>pattern</c>, matched in linear time.</summary>
internal sealed class PatternRule(Regex pattern, string source) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            return true;
        }

        var text = value.GetString()!;
        frame.Run.Spend(1 + (text.Length / 64));
        return pattern.IsMatch(text) || frame.Fail($"must match {source}.");
    }
}

/// <summary>Compares JSON types and numbers for the rules.</summary>
internal static class JsonTypes
{
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    /// <summary>The type of a value that has none of the allowed types, in words: <c>a number</c>.</summary>
    public static string GivenWord(string type, ImmutableArray<string> allowed) => type == "number" && allowed.Contains("integer") ? "a fraction" : Word(type);

    /// <summary>A type in words, for messages: <c>a string</c>.</summary>
    public static string Word(string type) => type switch
    {
        "string" => "a string",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    };

    /// <summary>Whether a number has no fraction: 1.0 is an integer (JSON Schema Validation 2020-12, section 6.1.1).</summary>
    public static bool IsWhole(JsonElement number) => Exactly(number) is { } exact ? decimal.IsInteger(exact) : double.IsInteger(number.GetDouble());

    public static int Compare(JsonElement one, JsonElement other) => Exactly(one) is { } exactOne && Exactly(other) is { } exactOther
        ? exactOne.CompareTo(exactOther)
        : one.GetDouble().CompareTo(other.GetDouble());

    public static bool IsMultiple(JsonElement number, JsonElement factor) => Exactly(number) is { } exact && Exactly(factor) is { } by
        ? exact % by == 0
        : number.GetDouble() % factor.GetDouble() == 0;

    // Exact if a decimal holds every digit; longer, larger and smaller numbers are compared as doubles.
    private static decimal? Exactly(JsonElement number) =>
        number.GetRawText() is { Length: <= 24 } text && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            && (Math.Abs(exact) >= 1e-4m || number.GetDouble() == 0)
            ? exact
            : null;
}
