using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Jint.Native;
using Jint.Native.Object;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>
/// Integers beyond 2^53 - 1, which a double can't hold: the ids of many services. They keep their digits when an expression passes them on,
/// compares them or joins them to a string; arithmetic rejects them. The script engine represents them as its big integers.
/// </summary>
internal static class LargeInteger
{
    /// <summary>The largest integer up to which a double holds every integer: JavaScript's <c>Number.MAX_SAFE_INTEGER</c>.</summary>
    public const double MaxSafe = 9007199254740991;

    /// <summary>
    /// The most digits of an integer that an expression does more with than pass on. Parsing time grows with the square of the digits.
    /// </summary>
    public const int MaxDigits = 1_000;

    public const string CannotCalculate =
        "An integer beyond 9007199254740991 (2^53 - 1) keeps its digits, and can't be calculated with. Compare it, join it to text, or write Number(…) around it to round it.";

    // An integer with fewer digits always fits in a double.
    private const int ShortestLength = 16;

    /// <summary>Whether a JSON number, or a number literal of an expression, is a large integer.</summary>
    public static bool Is(ReadOnlySpan<byte> text, double value) => text.Length >= ShortestLength && Math.Abs(value) > MaxSafe && !text.ContainsAny(".eE"u8);

    /// <summary>Whether a literal of an expression is a large integer.</summary>
    public static bool IsLiteral(string text, double value) =>
        text.Length is >= ShortestLength and <= MaxDigits && value > MaxSafe && text.All(char.IsAsciiDigit);

    /// <exception cref="FunctionException">It has too many digits.</exception>
    public static string Checked(string digits) => digits.Length <= MaxDigits
        ? digits
        : throw new FunctionException($"An integer has more than {MaxDigits:N0} digits. A reference that stands alone in its braces passes it on; an expression can do no more with it.");

    public static JsBigInt ToJsValue(string digits) => new(BigInteger.Parse(Checked(digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    /// <summary>Restores the integers that the script engine's JSON parser has rounded.</summary>
    /// <param name="value">The parsed value.</param>
    /// <param name="json">The JSON that it was parsed from.</param>
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
            throw new FunctionException("The name of a member holds half of a surrogate pair (\\ud800 to \\udfff), which is not valid Unicode.");
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
        // Of two members with the same name the last counts, as in the parser.
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

    // Looks for that many digits in a row, in a number or a string; JSON without them is not parsed again.
    private static bool MayHold(ReadOnlySpan<byte> json)
    {
        // Checking every n-th byte is enough: a run of n digits contains at least one of them.
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
