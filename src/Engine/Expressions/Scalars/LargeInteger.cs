using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Jint.Native;
using Jint.Native.Object;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>
/// Integers beyond 2^53 - 1, which a double cannot hold: the ids of many services. They keep their digits wherever an expression passes them on,
/// compares them or joins them to text, and are refused where it calculates with them. The script engine holds them as its big integers.
/// </summary>
internal static class LargeInteger
{
    /// <summary>The largest integer that a double holds, as does every integer below it: JavaScript's <c>Number.MAX_SAFE_INTEGER</c>.</summary>
    public const double MaxSafe = 9007199254740991;

    /// <summary>Digits that an integer may have where an expression does more than pass it on; to read it takes a time that grows with their square.</summary>
    public const int MaxDigits = 1_000;

    public const string CannotCalculate =
        "An integer beyond 9007199254740991 (2^53 - 1) keeps its digits, and can't be calculated with. Compare it, join it to text, or write Number(…) around it to round it.";

    // Fewer digits are always within a double.
    private const int ShortestLength = 16;

    /// <summary>Whether a JSON number, or a number as an expression spells it, is one.</summary>
    public static bool Is(ReadOnlySpan<byte> text, double value) => text.Length >= ShortestLength && Math.Abs(value) > MaxSafe && !text.ContainsAny(".eE"u8);

    /// <summary>Whether a literal of an expression is one.</summary>
    public static bool IsLiteral(string text, double value) =>
        text.Length is >= ShortestLength and <= MaxDigits && value > MaxSafe && text.All(char.IsAsciiDigit);

    /// <exception cref="FunctionException">It has too many digits.</exception>
    public static string Checked(string digits) => digits.Length <= MaxDigits
        ? digits
        : throw new FunctionException($"An integer has more than {MaxDigits:N0} digits. A reference that stands alone in its braces passes it on; an expression can do no more with it.");

    public static JsBigInt ToJsValue(string digits) => new(BigInteger.Parse(Checked(digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    /// <summary>A value that the script engine has parsed, with the integers that the parser has rounded put in again.</summary>
    /// <param name="value">The value.</param>
    /// <param name="json">What it was parsed from.</param>
    public static JsValue Restore(JsValue value, ReadOnlySpan<byte> json)
    {
        if (!MayHold(json))
        {
            return value;
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ExpressionLimits.ValueDepth + 8 });
            using var document = JsonDocument.ParseValue(ref reader);
            return Restore(value, document.RootElement);
        }
        catch (InvalidOperationException)
        {
            throw new FunctionException("The name of a member holds half of a surrogate pair (\\ud800 to \\udfff), which is no Unicode.");
        }
    }

    private static JsValue Restore(JsValue value, JsonElement source)
    {
        switch (source.ValueKind)
        {
            case JsonValueKind.Number when Is(JsonMarshal.GetRawUtf8Value(source), source.GetDouble()):
                return ToJsValue(source.GetRawText());
            case JsonValueKind.Array when value is JsArray list:
                uint index = 0;
                foreach (var item in source.EnumerateArray())
                {
                    if (MayHold(JsonMarshal.GetRawUtf8Value(item)))
                    {
                        list[index] = Restore(list[index], item);
                    }

                    index++;
                }

                return value;
            case JsonValueKind.Object when value is ObjectInstance members:
                RestoreMembers(members, source);
                return value;
            default:
                return value;
        }
    }

    private static void RestoreMembers(ObjectInstance members, JsonElement source)
    {
        // Of two members with one name the last counts, as in the parser.
        var last = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in source.EnumerateObject())
        {
            last[member.Name] = member.Value;
        }

        foreach (var (name, value) in last.Where(member => MayHold(JsonMarshal.GetRawUtf8Value(member.Value))))
        {
            members.FastSetDataProperty(name, Restore(members.Get(name), value));
        }
    }

    // A run of so many digits, in a number or in a text; what has none is not read a second time.
    private static bool MayHold(ReadOnlySpan<byte> json)
    {
        // Looked at one in every so many bytes: a run that long can't hide between two looks.
        for (var at = ShortestLength - 1; at < json.Length; at += ShortestLength)
        {
            if (!char.IsAsciiDigit((char)json[at]))
            {
                continue;
            }

            var (start, end) = (at, at + 1);
            while (start > 0 && char.IsAsciiDigit((char)json[start - 1]))
            {
                start--;
            }

            while (end < json.Length && char.IsAsciiDigit((char)json[end]))
            {
                end++;
            }

            if (end - start >= ShortestLength)
            {
                return true;
            }
        }

        return false;
    }
}
