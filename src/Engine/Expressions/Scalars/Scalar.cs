using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Jint.Native;
using Sluice.Engine.Expressions.Functions;

namespace Sluice.Engine.Expressions.Scalars;

/// <summary>The kinds of <see cref="Scalar"/>.</summary>
internal enum ScalarKind
{
    Null,
    Boolean,
    Number,
    Text,

    /// <summary>A list or an object: not a scalar, only named so that a function can reject it.</summary>
    Structure,
}

/// <summary>A value without parts: what functions take and return, with and without the script engine.</summary>
internal readonly struct Scalar
{
    private readonly string? _text;
    private readonly double _number;

    private Scalar(ScalarKind kind, double number, string? text)
    {
        Kind = kind;
        _number = number;
        _text = text;
    }

    public static Scalar Null => default;

    public static Scalar Structure => new(ScalarKind.Structure, 0, null);

    public ScalarKind Kind { get; }

    /// <summary>The number, if the kind is number; for a large integer, the nearest double.</summary>
    public double Number => _number;

    /// <summary>Whether it is an integer that a double can't hold. See <see cref="LargeInteger"/>.</summary>
    public bool IsLarge { get; private init; }

    public static Scalar Of(string text) => new(ScalarKind.Text, 0, text);

    public static Scalar Of(double number) => new(ScalarKind.Number, number, null);

    public static Scalar Of(bool value) => new(ScalarKind.Boolean, value ? 1 : 0, null);

    /// <summary>Returns the scalar of a JSON value; undefined reads as null. An integer keeps all its digits as text.</summary>
    public static Scalar Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => Null,
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Number => OfNumber(value),
        JsonValueKind.String => Of(value.GetString()!),
        _ => Structure,
    };

    /// <summary>Returns an integer that a double can't hold.</summary>
    /// <exception cref="FunctionException">It has too many digits.</exception>
    public static Scalar OfLarge(string digits, double nearest) => new(ScalarKind.Number, nearest, LargeInteger.Checked(digits)) { IsLarge = true };

    private static Scalar OfNumber(JsonElement value)
    {
        var text = JsonMarshal.GetRawUtf8Value(value);
        var number = value.GetDouble();
        if (LargeInteger.Is(text, number))
        {
            return OfLarge(value.GetRawText(), number);
        }

        // A double round-trips up to 15 digits.
        return new Scalar(ScalarKind.Number, number, text.Length <= 15 ? null : NumberText(value));
    }

    public static Scalar Of(JsValue value) => value switch
    {
        JsString text => Of(text.ToString()),
        JsNumber number => Of((double)number.ToObject()),
        JsBigInt large => OfLarge(large.ToString(), (double)(System.Numerics.BigInteger)large.ToObject()),
        JsBoolean boolean => Of((bool)boolean.ToObject()),
        JsNull or JsUndefined => Null,
        _ => Structure,
    };

    /// <summary>Converts it to a string as JavaScript does: <c>null</c>, <c>true</c>, <c>1.5</c>.</summary>
    public string ToText() => Kind switch
    {
        ScalarKind.Text => _text!,
        ScalarKind.Number => _text ?? NumberText(_number),
        ScalarKind.Boolean => IsTrue ? "true" : "false",
        ScalarKind.Null => "null",
        _ => throw new InvalidOperationException("A structure has no text."),
    };

    public bool IsTrue => Kind switch
    {
        ScalarKind.Text => _text!.Length > 0,
        ScalarKind.Number or ScalarKind.Boolean => _number is not 0 and not double.NaN,
        ScalarKind.Structure => true,
        _ => false,
    };

    public JsValue ToJsValue() => Kind switch
    {
        ScalarKind.Text => JsString.Create(_text!),
        ScalarKind.Number when IsLarge => LargeInteger.ToJsValue(_text!),
        ScalarKind.Number => JsNumber.Create(_number),
        ScalarKind.Boolean => IsTrue ? JsBoolean.True : JsBoolean.False,
        ScalarKind.Null => JsValue.Null,
        _ => throw new InvalidOperationException("A structure is no scalar."),
    };

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case ScalarKind.Text:
                writer.WriteStringValue(_text);
                break;
            case ScalarKind.Number when _text is not null:
                writer.WriteRawValue(_text, skipInputValidation: true);
                break;
            case ScalarKind.Number:
                WriteNumber(writer, _number);
                break;
            case ScalarKind.Boolean:
                writer.WriteBooleanValue(IsTrue);
                break;
            case ScalarKind.Null:
                writer.WriteNullValue();
                break;
            default:
                throw new InvalidOperationException("A structure is no scalar.");
        }
    }

    /// <summary>Writes it as part of a string: nothing for null, and <c>null</c> for a number that JSON can't represent.</summary>
    public void WriteText(Utf8JsonWriter writer)
    {
        if (Kind != ScalarKind.Null)
        {
            WellFormedText.Write(writer, Kind == ScalarKind.Number && !double.IsFinite(_number) ? "null" : ToText());
        }
    }

    /// <summary>Writes a number as JSON.stringify does: null if JSON can't represent it.</summary>
    public static void WriteNumber(Utf8JsonWriter writer, double number)
    {
        if (!double.IsFinite(number))
        {
            writer.WriteNullValue();
        }
        else if (number == Math.Truncate(number) && Math.Abs(number) < 1e15)
        {
            writer.WriteNumberValue((long)number);
        }
        else
        {
            writer.WriteRawValue(NumberText(number), skipInputValidation: true);
        }
    }

    /// <summary>Returns a JSON number as part of a string: an integer digit for digit, any other as JavaScript writes it.</summary>
    public static string NumberText(JsonElement number)
    {
        var raw = number.GetRawText();
        if (raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            return raw is "-0" ? "0" : raw;
        }

        var value = number.GetDouble();
        return double.IsFinite(value) ? NumberText(value) : raw;
    }

    public static string NumberText(double number) =>
        number == Math.Truncate(number) && Math.Abs(number) < 1e15
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : JsNumber.Create(number).ToString();
}
