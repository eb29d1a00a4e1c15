using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Sluice.Plugins.Notifications;

/// <summary>The body of a reply, read from a config.</summary>
/// <param name="Bytes">The bytes; empty if the body is a file.</param>
/// <param name="Type">The content type that follows from the body; null if there is none.</param>
internal readonly record struct ReplyBody(ReadOnlyMemory<byte> Bytes, string? Type)
{
    private const string JsonType = "application/json";
    private const string TextType = "text/plain; charset=utf-8";
    private const string HtmlType = "text/html; charset=utf-8";
    private const string BytesType = "application/octet-stream";

    /// <summary>The file of the run that is the body; null if the body is not a file.</summary>
    public string? Blob { get; private init; }

    /// <summary>Why the config has no valid body, as a sentence; null if it is valid.</summary>
    public string? Invalid { get; private init; }

    public static ReplyBody Of(WebhookResponseConfig config) => (config.Body, config.BodyType) switch
    {
        (null, _) => default,
        ({ } body, BodyType.Blob) => BlobOf(body),
        ({ ValueKind: JsonValueKind.String } text, BodyType.Base64) => BytesOf(text),
        ({ ValueKind: JsonValueKind.String } text, var type) => TextOf(Encoding.UTF8.GetBytes(text.GetString()!), type),
        (_, BodyType.Base64) => new() { Invalid = "With `body_type: base64`, the body must be a string." },
        (_, BodyType.Html) => new() { Invalid = "With `body_type: html`, the body must be a string." },
        ({ } json, _) => new(JsonMarshal.GetRawUtf8Value(json).ToArray(), JsonType),
    };

    private static ReplyBody TextOf(byte[] text, BodyType? type) => type switch
    {
        BodyType.Raw => new(text, TextType),
        BodyType.Html => new(text, HtmlType),
        BodyType.Json => JsonProblem(text) is { } problem
            ? new() { Invalid = $"With `body_type: json`, the body must be JSON. {problem}" }
            : new(text, JsonType),
        _ => new(text, MayBeJson(text) && JsonProblem(text) is null ? JsonType : TextType),
    };

    private static ReplyBody BytesOf(JsonElement text) => text.TryGetBytesFromBase64(out var bytes)
        ? new(bytes, BytesType)
        : new() { Invalid = "With `body_type: base64`, the body must be base64 with padding and without line breaks (RFC 4648, section 4)." };

    private static ReplyBody BlobOf(JsonElement body)
    {
        var blob = body.ValueKind is JsonValueKind.Object && body.TryGetProperty("blob", out var id) ? id : body;
        return blob.ValueKind is JsonValueKind.String
            ? new(default, BytesType) { Blob = blob.GetString() }
            : new() { Invalid = "With `body_type: blob`, the body must be a file of this run: one of `trigger.output.files`, or its `blob`." };
    }

    // The first character rules out most plain text. The parser would throw an exception, which costs ten times as much.
    private static bool MayBeJson(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        return !text.IsEmpty
            && text[0] is (byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n' or (>= (byte)'0' and <= (byte)'9');
    }

    // Why a string is not JSON, with the position; null if it is JSON.
    private static string? JsonProblem(byte[] text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }
}
