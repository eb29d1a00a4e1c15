using System.Text;
using System.Text.Json;
using Sluice.Engine.Execution;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>The memory that a body takes once it is parsed, told from its bytes before anything is made of them.</summary>
/// <param name="Parsing">Bytes while it is parsed, its own included.</param>
/// <param name="Parsed">Bytes that its run holds, its own included.</param>
internal readonly record struct BodyWeight(long Parsing, long Parsed)
{
    /// <summary>A body of so many bytes is not weighed: it becomes 16 KiB at most, which the bound on runs bounds as well.</summary>
    public const int LightBytes = 512;

    // A token is 12 bytes in the index of a JsonDocument, which is an array of a power of two.
    private const int TokenBytes = 24;

    // Two strings, their place in a dictionary and the list of its values.
    private const int FieldBytes = 256;

    /// <summary>The weight of a body, or the problem that its sender is answered.</summary>
    public static (BodyWeight Weight, HttpProblem? Problem) Of(BodyKind kind, ReadOnlySpan<byte> body, BodyLimits limits)
    {
        // While text is decoded it is there in bytes, as UTF-16 (twice, for a form: whole and in fields) and as JSON; after that in bytes and as JSON.
        long bytes = body.Length;
        return kind switch
        {
            BodyKind.Json or BodyKind.Multipart => OfJson(body, limits.Values),
            BodyKind.Form => OfForm(body, limits.Fields),
            _ => (new BodyWeight(4 * bytes, 2 * bytes), null),
        };
    }

    private static (BodyWeight, HttpProblem?) OfForm(ReadOnlySpan<byte> body, int most)
    {
        long fields = body.Count((byte)'&') + 1;
        return fields > most
            ? (default, Problems.TooMuch($"The form may have {most} fields at most (Webhooks:MaxFormFields). Send fewer."))
            : (new BodyWeight((6L * body.Length) + (FieldBytes * fields), 2L * body.Length), null);
    }

    private static (BodyWeight, HttpProblem?) OfJson(ReadOnlySpan<byte> json, int most)
    {
        var (values, tokens) = AtMost(json);
        if (values > most)
        {
            (values, tokens) = Count(json, most);
        }

        var bytes = json.Length + (TokenBytes * tokens);
        return values > most
            ? (default, Problems.TooMuch($"The body may hold {most} JSON values at most (Webhooks:MaxBodyValues). Send fewer at a time."))
            : (new BodyWeight(bytes, bytes), null);
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
