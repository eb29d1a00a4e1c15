using System.Collections.Specialized;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using System.Web;

namespace Sluice.Engine.Execution;

/// <summary>Why a request's body is not what its content type says.</summary>
internal enum BodyFault
{
    None,
    NotParsable,
    UnsupportedType,
}

/// <summary>Reads a request's body into the value that expressions see: JSON as JSON, a form as an object, text as a string.</summary>
internal static class BodyParser
{
    // How deep the JSON of a body may be nested. Configs and outputs are read to 64 levels; the rest is room for what workflows put around a body.
    private const int MaxDepth = 48;

    private static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions JsonOptions = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocument Null = JsonDocument.Parse("null");

    /// <summary>The value as a document that the caller owns. Where there is a fault, the message says what and where.</summary>
    public static (JsonDocument Value, BodyFault Fault, string? Message) Parse(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return (JsonDocument.Parse("null"u8.ToArray()), BodyFault.None, null);
        }

        var (kind, charset) = KindOf(contentType);
        return kind switch
        {
            Kind.Json => ParseJson(body),
            Kind.Form => ParseText(body, charset, FormToJson),
            Kind.Text => ParseText(body, charset, text => JsonText.Encode(text)),
            _ => (Null, BodyFault.UnsupportedType,
                $"Content type \"{contentType}\" is not taken here. Send application/json (or +json), application/x-www-form-urlencoded, or text."),
        };
    }

    /// <summary>The body as the text that <c>raw_body</c> gives; bytes that are no text come as U+FFFD.</summary>
    public static string RawText(string? contentType, ReadOnlySpan<byte> body) => (EncodingOf(KindOf(contentType).Charset) ?? Encoding.UTF8).GetString(body);

    private enum Kind
    {
        Json,
        Form,
        Text,
        Other,
    }

    private static (Kind Kind, string? Charset) KindOf(string? contentType)
    {
        // The two spellings that nearly every sender uses, without the parser.
        if (contentType is "application/json" or "application/json; charset=utf-8")
        {
            return (Kind.Json, null);
        }

        // RFC 9110, section 8.3: without a Content-Type the recipient may examine the data; plain text takes any of it.
        if (string.IsNullOrEmpty(contentType))
        {
            return (Kind.Text, null);
        }

        if (!MediaTypeHeaderValue.TryParse(contentType, out var media) || media.MediaType is not { } type)
        {
            return (Kind.Other, null);
        }

        var charset = media.CharSet?.Trim('"');
        return type.ToLowerInvariant() switch
        {
            // JSON is UTF-8 and has no charset parameter (RFC 8259, sections 8.1 and 11): what a sender writes there means nothing.
            "application/json" => (Kind.Json, null),
            "application/x-www-form-urlencoded" => (Kind.Form, charset),
            "application/xml" => (Kind.Text, charset),
            var name when name.EndsWith("+json", StringComparison.Ordinal) => (Kind.Json, null),
            var name when name.EndsWith("+xml", StringComparison.Ordinal) || name.StartsWith("text/", StringComparison.Ordinal) => (Kind.Text, charset),
            _ => (Kind.Other, charset),
        };
    }

    private static (JsonDocument, BodyFault, string?) ParseJson(ReadOnlyMemory<byte> body)
    {
        // RFC 8259, section 8.1: a parser may ignore a byte order mark.
        var text = body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
        if (!Utf8.IsValid(text.Span))
        {
            return (Null, BodyFault.NotParsable, "The body is not UTF-8, which JSON must be (RFC 8259, section 8.1).");
        }

        try
        {
            var document = JsonDocument.Parse(text, JsonOptions);
            if (HoldsHalfCharacter(text.Span))
            {
                document.Dispose();
                return (Null, BodyFault.NotParsable, "A string in the body holds half of a surrogate pair (\\ud800 to \\udfff), which is no character.");
            }

            return (document, BodyFault.None, null);
        }
        catch (JsonException exception)
        {
            return (Null, BodyFault.NotParsable,
                $"The body is not JSON, or nested deeper than {MaxDepth} levels: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} of it.");
        }
    }

    // The document keeps escapes as they are and would throw only when the string is read, in the middle of a run.
    private static bool HoldsHalfCharacter(ReadOnlySpan<byte> json)
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

    private static (JsonDocument, BodyFault, string?) ParseText(ReadOnlyMemory<byte> body, string? charset, Func<string, byte[]> toJson)
    {
        if (EncodingOf(charset) is not { } encoding)
        {
            return (Null, BodyFault.UnsupportedType, $"Charset \"{charset}\" is not known here. Send UTF-8.");
        }

        try
        {
            return (JsonDocument.Parse(toJson(encoding.GetString(body.Span))), BodyFault.None, null);
        }
        catch (DecoderFallbackException)
        {
            return (Null, BodyFault.NotParsable, $"The body is not text in {encoding.WebName}. Name its charset in the Content-Type, or send UTF-8.");
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
        catch (ArgumentException)
        {
            return null;
        }
    }

    // One value is a string, several of one name an array, in the order they came.
    private static byte[] FormToJson(string text)
    {
        NameValueCollection fields = HttpUtility.ParseQueryString(text);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var group in fields.AllKeys.Select(key => (Name: key ?? "", Values: fields.GetValues(key) ?? [])))
            {
                WriteField(writer, group.Name, group.Values);
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteField(Utf8JsonWriter writer, string name, string[] values)
    {
        if (values.Length == 1)
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
