using System.Text;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Estimates the memory of a body that its workflow reads, from the bytes before they are parsed.</summary>
/// <param name="Parsing">The bytes while it is parsed, including its own.</param>
/// <param name="Parsed">The bytes that its run holds, including its own.</param>
internal readonly record struct BodyWeight(long Parsing, long Parsed)
{
    /// <summary>A body of up to this many bytes is not weighed: it becomes 16 KiB at most, which the limit of runs covers.</summary>
    public const int LightBytes = TriggerData.SmallBody;

    // A token takes 12 bytes in the index of a JsonDocument, an array whose length is a power of two; while it grows, half of it exists
    // twice.
    private const int TokenBytes = 24;
    private const int GrowingTokenBytes = 36;

    // Escaping uses an array of 6 bytes per byte of UTF-8, or 12 of UTF-16, rounded up to a power of two.
    private const int EscapingUtf8 = 8;
    private const int EscapingUtf16 = 16;

    // Two strings, a dictionary entry and the list of values.
    private const int FieldBytes = 256;

    /// <summary>Weighs a body; returns the problem to respond with if it exceeds a limit.</summary>
    /// <param name="kind">The kind of the body.</param>
    /// <param name="body">Its bytes, which are held in any case.</param>
    /// <param name="limits">Its limits, which apply whether or not anything reads it.</param>
    /// <param name="use">The parts that its workflow may read.</param>
    public static (BodyWeight Weight, HttpProblem? Problem) Of(BodyKind kind, ReadOnlySpan<byte> body, BodyLimits limits, BodyUse use)
    {
        var (value, problem) = kind switch
        {
            BodyKind.Json or BodyKind.Multipart => OfJson(body, limits.Values),
            BodyKind.Form => OfForm(body, limits.Fields),
            BodyKind.Text => (use.HasFlag(BodyUse.Value) ? OfText(body) : default, null),
            _ => (new BodyWeight(4L * body.Length, 3L * body.Length), null),
        };
        if (problem is not null)
        {
            return (default, problem);
        }

        var weight = use.HasFlag(BodyUse.Value) ? value : new BodyWeight(body.Length, body.Length);
        return (use.HasFlag(BodyUse.Text) && kind is not (BodyKind.Multipart or BodyKind.Binary) ? weight.WithText(body) : weight, null);
    }

    // The text is made when it is first read: after the value, which stays in memory. It is copied once more than a value that is a string.
    private BodyWeight WithText(ReadOnlySpan<byte> body)
    {
        var (making, made) = OfText(body);
        return new BodyWeight(Math.Max(Parsing, Parsed + making + made - (2L * body.Length)), Parsed + made - body.Length);
    }

    // The JSON exists twice while it is made.
    private static BodyWeight OfText(ReadOnlySpan<byte> text)
    {
        var json = JsonBytesOf(text);
        return new BodyWeight(text.Length + (json > text.Length ? (long)EscapingUtf8 * text.Length : 0) + (2 * json), text.Length + json);
    }

    // At most 6 bytes for a control character, 2 for a quotation mark, and 12 for the 4 bytes of a character beyond the basic plane.
    private static long JsonBytesOf(ReadOnlySpan<byte> text)
    {
        long more = 0;
        foreach (var one in text)
        {
            more += one switch
            {
                < 0x20 => 5,
                (byte)'"' or (byte)'\\' => 1,
                >= 0xF0 => 8,
                _ => 0,
            };
        }

        return text.Length + more;
    }

    private static (BodyWeight, HttpProblem?) OfForm(ReadOnlySpan<byte> body, int most)
    {
        long fields = body.Count((byte)'&') + 1;
        if (fields > most)
        {
            return (default, Problems.TooMuch($"The form may have at most {most} fields (Webhooks:MaxFormFields). Send fewer."));
        }

        // As UTF-16 it exists twice: as a whole and in fields.
        var json = JsonBytesOf(body);
        return (new BodyWeight(((5L + EscapingUtf16) * body.Length) + (2 * json) + (FieldBytes * fields), body.Length + json + (TokenBytes * fields)), null);
    }

    private static (BodyWeight, HttpProblem?) OfJson(ReadOnlySpan<byte> json, int most)
    {
        var (values, tokens) = AtMost(json);
        if (values > most)
        {
            (values, tokens) = Count(json, most);
        }

        return values > most
            ? (default, Problems.TooMuch($"The body may have at most {most} JSON values (Webhooks:MaxBodyValues). Send fewer at a time."))
            : (new BodyWeight(json.Length + (GrowingTokenBytes * tokens), json.Length + (TokenBytes * tokens)), null);
    }

    // Every value but the first follows a comma, a colon or an opening bracket. Strings may contain these too, so this is an upper limit.
    private static (long Values, long Tokens) AtMost(ReadOnlySpan<byte> json)
    {
        long opening = json.Count((byte)'[') + json.Count((byte)'{');
        long commas = json.Count((byte)',');
        var names = json.Count((byte)':');
        return (1 + commas + opening, 1 + commas + (2 * opening) + names);
    }

    // Counts up to the first syntax error; the parser rejects the body later.
    private static (long Values, long Tokens) Count(ReadOnlySpan<byte> json, int most)
    {
        var (values, tokens) = (0L, 0L);
        var reader = new Utf8JsonReader(json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json);
        try
        {
            while (values <= most && reader.Read())
            {
                tokens++;
                values += reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject ? 0 : 1;
            }
        }
        catch (JsonException)
        {
        }

        return (values, tokens);
    }
}
