using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sluice.Plugins.Logic;

/// <summary>
/// Converts JSON values for comparisons. Headers, query values and form fields are always strings, so a string that spells a number, a boolean or a
/// date is read as one if the operator or the other operand requires it. Nothing else is converted.
/// </summary>
internal static class Reading
{
    private const NumberStyles NumberForm = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    private static readonly string[] DateForms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd' 'HH:mmK", "yyyy-MM-dd' 'HH:mm:ssK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Returns a string unchanged, a number or a boolean as JSON writes it, and null for anything else.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    /// <summary>Reads a number, or a string that spells one (<c>-12.5</c>, <c>1e3</c>); null for anything else.</summary>
    public static Quantity? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDecimal(out var exact) ? new Quantity(exact) : new Quantity(value.GetDouble()),
        JsonValueKind.String => Number(value.GetString()!),
        _ => null,
    };

    /// <summary>Reads a boolean, or the string <c>true</c> or <c>false</c>; null for anything else.</summary>
    public static bool? Boolean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when value.ValueEquals("true") => true,
        JsonValueKind.String when value.ValueEquals("false") => false,
        _ => null,
    };

    /// <summary>Reads an ISO 8601 string (UTC if it has no offset), or a number of seconds since 1970; null for anything else.</summary>
    public static DateTimeOffset? Date(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.String)
        {
            return DateTimeOffset.TryParseExact(value.GetString(), DateForms, CultureInfo.InvariantCulture, Utc, out var date) ? date : null;
        }

        return value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && Math.Abs(seconds) <= 62_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
    }

    /// <summary>Returns the number of UTF-16 characters of a string or of items of a list; null for anything else.</summary>
    public static Quantity? Length(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new Quantity((decimal)value.GetString()!.Length),
        JsonValueKind.Array => new Quantity((decimal)value.GetArrayLength()),
        _ => null,
    };

    /// <summary>Compares two numbers; null if one of the values is not a number.</summary>
    public static int? Compare(JsonElement left, JsonElement right) => Number(left) is { } number ? Compare(number, right) : null;

    /// <inheritdoc cref="Compare(JsonElement, JsonElement)"/>
    public static int? Compare(Quantity left, JsonElement right) => Number(right) is { } number ? left.CompareTo(number) : null;

    /// <summary>
    /// Returns whether two values are equal. If one is a number or a boolean and the other a string, the string is read as that type. Strings are
    /// compared in constant time, so that signatures can be verified. Null equals only null.
    /// </summary>
    public static bool Same(JsonElement left, JsonElement right, StringComparison text = StringComparison.Ordinal) =>
        (left.ValueKind, right.ValueKind) switch
        {
            (JsonValueKind.String, JsonValueKind.String) => SameText(left, right, text),
            (JsonValueKind.Number, _) or (_, JsonValueKind.Number) => Compare(left, right) == 0,
            (JsonValueKind.True or JsonValueKind.False, _) or (_, JsonValueKind.True or JsonValueKind.False) =>
                Boolean(left) is { } truth && truth == Boolean(right),
            _ => JsonElement.DeepEquals(left, right),
        };

    private static bool SameText(JsonElement left, JsonElement right, StringComparison text)
    {
        if (text is not StringComparison.Ordinal)
        {
            return string.Equals(left.GetString(), right.GetString(), text);
        }

        // Without escapes, the bytes of the JSON are the string.
        var leftBytes = JsonMarshal.GetRawUtf8Value(left);
        var rightBytes = JsonMarshal.GetRawUtf8Value(right);
        return leftBytes.Contains((byte)'\\') || rightBytes.Contains((byte)'\\')
            ? CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(left.GetString().AsSpan()), MemoryMarshal.AsBytes(right.GetString().AsSpan()))
            : CryptographicOperations.FixedTimeEquals(leftBytes, rightBytes);
    }

    private static Quantity? Number(string text)
    {
        if (decimal.TryParse(text, NumberForm, CultureInfo.InvariantCulture, out var exact))
        {
            return new Quantity(exact);
        }

        return double.TryParse(text, NumberForm, CultureInfo.InvariantCulture, out var wide) && double.IsFinite(wide) ? new Quantity(wide) : null;
    }
}

/// <summary>A number: exact up to 28 digits, otherwise a double.</summary>
internal readonly struct Quantity : IComparable<Quantity>
{
    private readonly decimal? _exact;
    private readonly double _wide;

    public Quantity(decimal exact) => (_exact, _wide) = (exact, (double)exact);

    public Quantity(double wide) => _wide = wide;

    public int CompareTo(Quantity other) =>
        _exact is { } left && other._exact is { } right ? left.CompareTo(right) : _wide.CompareTo(other._wide);
}
