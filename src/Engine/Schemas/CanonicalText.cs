using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Engine.Schemas;

/// <summary>
/// Writes a value to a string that is the same for equal values and for no others: members in order, numbers in one notation.
/// </summary>
internal static class CanonicalText
{
    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Write(value, text);
        return text.ToString();
    }

    private static void Write(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    WriteText(member.Name, text);
                    Write(member.Value, text);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    Write(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteText(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value));
                break;
            default:
                text.Append(value.ValueKind);
                break;
        }
    }

    // Prefixed with its length, so that no string can look like another value.
    private static void WriteText(string value, StringBuilder text) => text.Append('"').Append(value.Length).Append(':').Append(value);

    // Integers keep all their digits; other numbers are compared as doubles.
    private static string Number(JsonElement number)
    {
        var raw = number.GetRawText();
        return raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            ? raw == "-0" ? "0" : raw
            : number.GetDouble() is var real && double.IsInteger(real) && Math.Abs(real) < 1e15
                ? ((long)real).ToString(CultureInfo.InvariantCulture)
                : real.ToString("R", CultureInfo.InvariantCulture);
    }
}

/// <summary>The only type of value that rules create themselves.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class SchemaText : JsonSerializerContext;
