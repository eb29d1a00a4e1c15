using System.Text;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>The memory that a body takes once its workflow reads it, told from its bytes before anything is made of them.</summary>
/// <param name="Parsing">Bytes while it is parsed, its own included.</param>
/// <param name="Parsed">Bytes that its run holds, its own included.</param>
internal readonly record struct BodyWeight(long Parsing, long Parsed)
{
    /// <summary>A body of so many bytes is not weighed: it becomes 16 KiB at most, which the bound on runs bounds as well.</summary>
    public const int LightBytes = TriggerData.SmallBody;

    // A token is 12 bytes in the index of a JsonDocument, which is an array of a power of two; while it grows, half of it is there twice.
    private const int TokenBytes = 24;
    private const int GrowingTokenBytes = 36;

    // Text is escaped in an array of six bytes a byte, or twelve of UTF-16, which is one of a power of two.
    private const int EscapingUtf8 = 8;
    private const int EscapingUtf16 = 16;

    // Two strings, their place in a dictionary and the list of its values.
    private const int FieldBytes = 256;

    /// <summary>The weight of a body, or the problem that its sender is answered.</summary>
    /// <param name="kind">What the body is.</param>
    /// <param name="body">Its bytes, which are held in any case.</param>
    /// <param name="limits">What it may hold, whether or not anything reads it.</param>
    /// <param name="use">What its workflow may read of it.</param>
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

    // Made when it is first read: after the value, which is held meanwhile, and copied once more than a value that is text.
    private BodyWeight WithText(ReadOnlySpan<byte> body)
    {
        var (making, made) = OfText(body);
        return new BodyWeight(Math.Max(Parsing, Parsed + making + made - (2L * body.Length)), Parsed + made - body.Length);
    }

    // Its JSON is there twice while it is made.
    private static BodyWeight OfText(ReadOnlySpan<byte> text)
    {
        var json = JsonBytesOf(text);
        return new BodyWeight(text.Length + (json > text.Length ? (long)EscapingUtf8 * text.Length : 0) + (2 * json), text.Length + json);
    }

    // At most six bytes for a control character, two for a quotation mark, twelve for the four of a character beyond the first plane.
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

        // As UTF-16 it is there twice: whole, and in fields.
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

    // Every value but the first follows a comma, a colon or an opening bracket. Strings may hold these too, so there may be fewer.
    private static (long Values, long Tokens) AtMost(ReadOnlySpan<byte> json)
    {
        long opening = json.Count((byte)'[') + json.Count((byte)'{');
        long commas = json.Count((byte)',');
        var names = json.Count((byte)':');
        return (1 + commas + opening, 1 + commas + (2 * opening) + names);
    }

    // As far as it is JSON: what is not is refused by the parser.
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
