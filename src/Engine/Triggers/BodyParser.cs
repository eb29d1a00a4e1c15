using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Engine.Json;

namespace Sluice.Engine.Triggers;

/// <summary>Why a request's body does not match its content type.</summary>
internal enum BodyFault
{
    None,
    NotParsable,
    UnsupportedType,
}

/// <summary>The kind of a body, by its content type.</summary>
internal enum BodyKind
{
    Json,

    /// <summary><c>application/x-www-form-urlencoded</c>.</summary>
    Form,

    /// <summary>Any text, including XML.</summary>
    Text,

    /// <summary><c>multipart/form-data</c>: a form that may contain files.</summary>
    Multipart,

    /// <summary>Anything else.</summary>
    Binary,

    /// <summary>The content type is malformed (RFC 9110, section 8.3.1).</summary>
    Unknown,
}

/// <summary>
/// Parses a request's body into the value that expressions see: JSON as JSON, a form as an object, text as a string, other bytes as base64.
/// </summary>
internal static class BodyParser
{
    // The maximum nesting depth of JSON in a body. Configs and outputs are read to 64 levels; the difference is for what workflows wrap
    // around a body.
    private const int MaxDepth = 48;

    private static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocument Null = JsonDocument.Parse("null");

    /// <summary>Parses the body to a document that the caller owns. On a fault, the message says what is wrong and where.</summary>
    public static (JsonDocument Value, BodyFault Fault, string? Message) Parse(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return (JsonDocument.Parse("null"u8.ToArray()), BodyFault.None, null);
        }

        var (kind, charset) = Read(contentType);
        return kind switch
        {
            // Of a multipart body only the text fields are stored, which the host has converted to JSON.
            BodyKind.Json or BodyKind.Multipart => ReadJson(body, makesValue: true),
            BodyKind.Form or BodyKind.Text => ParseText(kind, body, charset),
            BodyKind.Binary => (JsonDocument.Parse(JsonText.Write(body, static (writer, bytes) => writer.WriteBase64StringValue(bytes.Span))), BodyFault.None, null),
            _ => (Null, BodyFault.UnsupportedType, NoContentType(contentType)),
        };
    }

    /// <summary>Returns the fault and the message that <see cref="Parse"/> would return, without creating the value.</summary>
    public static (BodyFault Fault, string? Message) Check(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return default;
        }

        var (kind, charset) = Read(contentType);
        return kind switch
        {
            BodyKind.Json or BodyKind.Multipart => ReadJson(body, makesValue: false) is var (_, fault, message) ? (fault, message) : default,
            BodyKind.Form or BodyKind.Text => CheckText(body, charset),
            BodyKind.Binary => default,
            _ => (BodyFault.UnsupportedType, NoContentType(contentType)),
        };
    }

    /// <summary>Returns the kind of body for a content type.</summary>
    public static BodyKind KindOf(string? contentType) => Read(contentType).Kind;

    /// <summary>
    /// Returns the body as the string in <c>raw_body</c>, encoded as JSON; <c>null</c> if the body as a whole is not text.
    /// </summary>
    public static byte[] RawText(string? contentType, ReadOnlyMemory<byte> body)
    {
        var (kind, charset) = Read(contentType);
        return kind is BodyKind.Multipart or BodyKind.Binary ? JsonText.Encode(null) : TextToJson(body, EncodingOf(charset) ?? StrictUtf8);
    }

    private static string NoContentType(string? contentType) =>
        $"\"{contentType}\" is not a valid content type (RFC 9110, section 8.3.1). Send one such as application/json.";

    private static (BodyKind Kind, string? Charset) Read(string? contentType)
    {
        // Fast path for the two notations that nearly every sender uses.
        if (contentType is "application/json" or "application/json; charset=utf-8")
        {
            return (BodyKind.Json, null);
        }

        // RFC 9110, section 8.3: without a Content-Type the recipient may examine the data; plain text accepts any.
        if (string.IsNullOrEmpty(contentType))
        {
            return (BodyKind.Text, null);
        }

        if (!MediaTypeHeaderValue.TryParse(contentType, out var media) || media.MediaType is not { } type)
        {
            return (BodyKind.Unknown, null);
        }

        var charset = media.CharSet?.Trim('"');
        return type.ToLowerInvariant() switch
        {
            // JSON is UTF-8 and has no charset parameter (RFC 8259, sections 8.1 and 11), so one that a sender sets is ignored.
            "application/json" => (BodyKind.Json, null),
            "application/x-www-form-urlencoded" => (BodyKind.Form, charset),
            "multipart/form-data" => (BodyKind.Multipart, null),
            "application/xml" => (BodyKind.Text, charset),
            var name when name.EndsWith("+json", StringComparison.Ordinal) => (BodyKind.Json, null),
            var name when name.EndsWith("+xml", StringComparison.Ordinal) || name.StartsWith("text/", StringComparison.Ordinal) => (BodyKind.Text, charset),
            _ => (BodyKind.Binary, null),
        };
    }

    // The value is Null if it was not requested.
    private static (JsonDocument, BodyFault, string?) ReadJson(ReadOnlyMemory<byte> body, bool makesValue)
    {
        // RFC 8259, section 8.1: a parser may ignore a byte order mark.
        var text = body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
        if (!Utf8.IsValid(text.Span))
        {
            return (Null, BodyFault.NotParsable, "The body is not UTF-8, which JSON must be (RFC 8259, section 8.1).");
        }

        try
        {
            var document = makesValue ? JsonDocument.Parse(text, JsonOptions) : null;
            if (document is null)
            {
                Scan(text.Span);
            }

            if (HoldsHalfCharacter(text.Span))
            {
                document?.Dispose();
                return (Null, BodyFault.NotParsable, "A string in the body holds half of a surrogate pair (\\ud800 to \\udfff), which is not a valid character.");
            }

            return (document ?? Null, BodyFault.None, null);
        }
        catch (JsonException exception)
        {
            return (Null, BodyFault.NotParsable,
                $"The body is not JSON, or nested deeper than {MaxDepth} levels: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} of it.");
        }
    }

    // Documents are parsed by the same reader, with the same options.
    private static void Scan(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
        }
    }

    /// <summary>
    /// Whether a string in valid JSON contains half of a surrogate pair. A document keeps escapes and would throw only when the string is
    /// read.
    /// </summary>
    public static bool HoldsHalfCharacter(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
        {
            return false;
        }

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

            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static (JsonDocument, BodyFault, string?) ParseText(BodyKind kind, ReadOnlyMemory<byte> body, string? charset)
    {
        var (fault, message) = CheckText(body, charset);
        if (fault != BodyFault.None)
        {
            return (Null, fault, message);
        }

        var json = kind == BodyKind.Form ? FormToJson(EncodingOf(charset)!.GetString(body.Span)) : TextToJson(body, EncodingOf(charset)!);
        return (JsonDocument.Parse(json), BodyFault.None, null);
    }

    private static (BodyFault Fault, string? Message) CheckText(ReadOnlyMemory<byte> body, string? charset) => EncodingOf(charset) is not { } encoding
        ? (BodyFault.UnsupportedType, $"Charset \"{charset}\" is not known here. Send UTF-8.")
        : IsText(body.Span, encoding) ? default
        : (BodyFault.NotParsable, $"The body is not text in {encoding.WebName}. Name its charset in the Content-Type, or send UTF-8.");

    private static bool IsText(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        if (encoding == StrictUtf8)
        {
            return Utf8.IsValid(bytes);
        }

        try
        {
            encoding.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    // Copies UTF-8 without creating a string, which would take twice the memory of the bytes, and up to twelve times when escaped.
    private static byte[] TextToJson(ReadOnlyMemory<byte> text, Encoding encoding) => encoding == StrictUtf8
        ? JsonText.Write(text, static (writer, bytes) => writer.WriteStringValue(bytes.Span))
        : JsonText.Encode(encoding.GetString(text.Span));

    /// <summary>Decodes bytes in a charset, UTF-8 by default; null if they are invalid or the charset is unknown.</summary>
    public static string? TextOf(string? charset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return EncodingOf(charset)?.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static Encoding? EncodingOf(string? charset)
    {
        if (charset is null || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return StrictUtf8;
        }

        try
        {
            return Encoding.GetEncoding(charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            // The second is what the runtime throws for UTF-7, which it knows and rejects.
            return null;
        }
    }

    // One value is a string; several values of a name are an array in the order of the form.
    private static byte[] FormToJson(string text) => JsonText.Write(text, static (writer, form) =>
    {
        writer.WriteStartObject();
        foreach (var (name, values) in UrlEncodedForm.Read(form))
        {
            WriteField(writer, name, values);
        }

        writer.WriteEndObject();
    });

    private static void WriteField(Utf8JsonWriter writer, string name, List<string> values)
    {
        if (values.Count == 1)
        {
            writer.WriteString(name, values[0]);
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
