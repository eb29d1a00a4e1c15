using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Sdk;

/// <summary>Reads and writes durations as workflows write them: a whole number and a unit, such as <c>500ms</c>, <c>10s</c>, <c>2m</c> or <c>1h</c>.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public const string Form = "^([0-9]{1,8})(ms|s|m|h)$";

    public const string Words = "a whole number and a unit (ms, s, m, h), such as 500ms, 10s, 2m or 1h";

    // Eight digits keep every unit within the range of TimeSpan.
    private const int MostDigits = 8;
    private const int Longest = MostDigits + 2;

    // An escape of one character has six.
    private const int LongestEscaped = Longest * 6;

    /// <summary>Reads a duration; returns false if the string is not a duration.</summary>
    public static bool TryRead(string text, out TimeSpan duration)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        duration = default;
        return Encoding.UTF8.TryGetBytes(text, utf8, out var length) && TryRead(utf8[..length], out duration);
    }

    /// <summary>Reads the current string of a reader, without allocating.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, out TimeSpan duration)
    {
        if (!reader.ValueIsEscaped)
        {
            return TryRead(reader.HasValueSequence ? default : reader.ValueSpan, out duration);
        }

        duration = default;
        Span<byte> utf8 = stackalloc byte[LongestEscaped];
        return reader.ValueSpan.Length <= LongestEscaped && TryRead(utf8[..reader.CopyString(utf8)], out duration);
    }

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && TryRead(reader.GetString()!, out var duration)
            ? duration
            : throw new JsonException($"A duration must be {Words}.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Write(value));

    /// <summary>Writes a duration as workflows write it.</summary>
    public static string Write(TimeSpan value) => value.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms");

    private static bool TryRead(ReadOnlySpan<byte> text, out TimeSpan duration)
    {
        duration = default;
        if (!Utf8Parser.TryParse(text, out long count, out var digits) || digits > MostDigits || !char.IsAsciiDigit((char)text[0]))
        {
            return false;
        }

        var unit = text[digits..];
        TimeSpan? read = unit.SequenceEqual("ms"u8) ? TimeSpan.FromMilliseconds(count)
            : unit.SequenceEqual("s"u8) ? TimeSpan.FromSeconds(count)
            : unit.SequenceEqual("m"u8) ? TimeSpan.FromMinutes(count)
            : unit.SequenceEqual("h"u8) ? TimeSpan.FromHours(count)
            : null;
        duration = read ?? default;
        return read is not null;
    }
}
