using System.Globalization;
using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>One end of the range that a schema allows a number.</summary>
internal sealed class NumberBound
{
    private readonly bool _isLeast;
    private readonly double _value;

    // Exact where a double is not: integers above 2^53.
    private readonly decimal? _exact;

    private NumberBound(JsonElement bound, bool isLeast)
    {
        _isLeast = isLeast;
        _value = bound.GetDouble();
        _exact = bound.TryGetDecimal(out var exact) ? exact : null;
        Text = bound.GetRawText();
    }

    /// <summary>The bound as the schema writes it.</summary>
    public string Text { get; }

    /// <summary>What is wrong with a number that the bound does not allow, to be read after its path.</summary>
    public string Problem => _isLeast ? $"must be at least {Text}, and is a smaller number." : $"must be at most {Text}, and is a larger number.";

    /// <summary>The bounds of a schema; none where it has none.</summary>
    public static IEnumerable<NumberBound> Of(JsonElement schema)
    {
        if (schema.TryGetProperty("minimum", out var least) && least.ValueKind is JsonValueKind.Number)
        {
            yield return new NumberBound(least, isLeast: true);
        }

        if (schema.TryGetProperty("maximum", out var most) && most.ValueKind is JsonValueKind.Number)
        {
            yield return new NumberBound(most, isLeast: false);
        }
    }

    /// <summary>Whether the bound allows a value; what is no number is not its matter, but text that the field reads as a number is.</summary>
    public bool Allows(JsonElement value, bool readsText) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? Allows(whole) : Allows(value.GetDouble()),
        JsonValueKind.String when readsText && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Allows(number),
        _ => true,
    };

    /// <summary>The same for the value at which a reader stands.</summary>
    public bool Allows(ref Utf8JsonReader reader, bool readsText) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.TryGetInt64(out var whole) ? Allows(whole) : Allows(reader.GetDouble()),
        JsonTokenType.String when readsText => !double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || Allows(number),
        _ => true,
    };

    private bool Allows(long number) => _exact is { } exact ? (_isLeast ? number >= exact : number <= exact) : Allows((double)number);

    private bool Allows(double number) => _isLeast ? number >= _value : number <= _value;
}
