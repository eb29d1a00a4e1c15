using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Sluice.Sdk;

/// <summary>A length of time as workflows write it: a whole number and a unit, <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal sealed partial class DurationConverter : JsonConverter<TimeSpan>
{
    // Eight digits keep every unit within the range of TimeSpan.
    public const string Form = "^([0-9]{1,8})(ms|s|m|h)$";

    public const string Words = "a whole number and a unit (ms, s, m, h), such as 500ms, 10s, 2m or 1h";

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var match = Pattern().Match(reader.TokenType is JsonTokenType.String ? reader.GetString()! : "");
        if (!match.Success)
        {
            throw new JsonException($"A length of time is {Words}.");
        }

        var count = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(count),
            "s" => TimeSpan.FromSeconds(count),
            "m" => TimeSpan.FromMinutes(count),
            _ => TimeSpan.FromHours(count),
        };
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{value.TotalSeconds}s" : $"{value.TotalMilliseconds}ms");

    [GeneratedRegex(Form)]
    private static partial Regex Pattern();
}
