using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks;

/// <summary>Parses a request into the input of a run: the envelope's JSON and the body's bytes.</summary>
internal static class RequestParser
{
    /// <summary>Gets the trigger's data, or the problem to respond with.</summary>
    /// <param name="http">The exchange.</param>
    /// <param name="parameters">The path parameters.</param>
    /// <param name="body">The body's bytes, decoded; for a form with files, its text fields as JSON.</param>
    /// <param name="files">The uploaded files; null if the body is neither a form with files nor a file.</param>
    /// <param name="run">The run that they are kept for.</param>
    /// <param name="isRead">Whether the workflow may read the body's value.</param>
    public static (TriggerData? Data, HttpProblem? Problem) Parse(
        HttpContext http, IReadOnlyList<KeyValuePair<string, string>> parameters, ReadOnlyMemory<byte> body, ReceivedFiles? files, RunId? run, bool isRead)
    {
        var (data, fault, message) = TriggerData.Read(Envelope(http, parameters, files), body, http.Request.ContentType, run, isRead);
        return data is null ? (null, Problems.Of(fault, message!)) : (data, null);
    }

    private static byte[] Envelope(HttpContext http, IReadOnlyList<KeyValuePair<string, string>> parameters, ReceivedFiles? files) =>
        JsonText.Write((Http: http, Parameters: parameters, Files: files), static (writer, state) =>
        {
            var request = state.Http.Request;
            writer.WriteStartObject();
            writer.WriteString("method"u8, request.Method);
            writer.WriteString("path"u8, request.Path.Value);
            WriteParameters(writer, state.Parameters);
            WriteQuery(writer, request);
            WriteHeaders(writer, request.Headers);
            writer.WriteString("content_type"u8, request.ContentType);
            writer.WriteString("remote_ip"u8, state.Http.Connection.RemoteIpAddress?.ToString());
            if (state.Files is { } received)
            {
                writer.WritePropertyName("files"u8);
                received.WriteTo(writer);
            }

            writer.WriteEndObject();
        });

    private static void WriteParameters(Utf8JsonWriter writer, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        writer.WriteStartObject("params"u8);
        foreach (var (name, value) in parameters)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteQuery(Utf8JsonWriter writer, HttpRequest request)
    {
        writer.WriteStartObject("query"u8);
        if (request.QueryString.HasValue)
        {
            // Not request.Query, which ignores case in names.
            foreach (var (name, values) in UrlEncodedForm.Read(request.QueryString.Value.AsSpan(1)))
            {
                writer.WritePropertyName(name);
                WriteValues(writer, values);
            }
        }

        writer.WriteEndObject();
    }

    // One value is a string, several of one name are an array.
    private static void WriteValues(Utf8JsonWriter writer, List<string> values)
    {
        if (values.Count == 1)
        {
            writer.WriteStringValue(values[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static void WriteHeaders(Utf8JsonWriter writer, IHeaderDictionary headers)
    {
        writer.WriteStartObject("headers"u8);
        foreach (var (name, values) in headers)
        {
            WriteHeader(writer, name, values);
        }

        writer.WriteEndObject();
    }

    // RFC 9110, section 5.3: several lines with one name are one value, joined by commas.
    private static void WriteHeader(Utf8JsonWriter writer, string name, StringValues values)
    {
        Span<char> lower = name.Length <= 128 ? stackalloc char[name.Length] : new char[name.Length];
        name.AsSpan().ToLowerInvariant(lower);
        writer.WriteString(lower, values.Count == 1 ? values[0] : string.Join(", ", values.ToArray()));
    }
}
