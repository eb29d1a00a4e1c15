using System.Text;
using System.Text.Json;

namespace Sluice.Plugins.Http;

/// <summary>Reads the body of a response: as JSON if it is JSON, otherwise as a string.</summary>
internal static class HttpBody
{
    /// <summary>The maximum size of a body, in bytes after decompression.</summary>
    public const int Limit = 10_000_000;

    public static async ValueTask<(JsonElement? Body, bool TooLarge)> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > Limit)
        {
            return (null, true);
        }

        using var bytes = new MemoryStream();
        var chunk = new byte[16 * 1024];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        for (int read; (read = await stream.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (bytes.Length + read > Limit)
            {
                return (null, true);
            }

            bytes.Write(chunk, 0, read);
        }

        return (ValueOf(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), content.Headers.ContentType), false);
    }

    private static JsonElement? ValueOf(ReadOnlySpan<byte> bytes, System.Net.Http.Headers.MediaTypeHeaderValue? type)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        var isJson = type?.MediaType is { } media
            && (media.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
        return isJson && Parsed(bytes) is { } json ? json : JsonElement.Parse(TextAsJson(EncodingOf(type?.CharSet).GetString(bytes)));
    }

    private static JsonElement? Parsed(ReadOnlySpan<byte> bytes)
    {
        var mark = Encoding.UTF8.Preamble;
        var json = bytes.StartsWith(mark) ? bytes[mark.Length..] : bytes;
        try
        {
            return IsText(json) ? JsonElement.Parse(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The grammar of JSON allows half of a surrogate pair (\ud800), but no later step could read such a string (RFC 7493, section 2.1).
    private static bool IsText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string TextAsJson(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static Encoding EncodingOf(string? charset)
    {
        try
        {
            return charset is null ? Encoding.UTF8 : Encoding.GetEncoding(charset.Trim('"'));
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
