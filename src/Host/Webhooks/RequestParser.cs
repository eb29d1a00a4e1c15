using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Sluice.Engine.Execution;

namespace Sluice.Host.Webhooks;

/// <summary>Reads a request into what a run starts from: the envelope's JSON and the body's bytes.</summary>
internal static class RequestParser
{
    /// <summary>The trigger's data, or the problem that the caller is told.</summary>
    public static (TriggerData? Data, HttpProblem? Problem) Parse(
        HttpContext http, IReadOnlyList<KeyValuePair<string, string>> parameters, ReadOnlyMemory<byte> body)
    {
        var request = http.Request;
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return (null, Problems.UnsupportedType($"Content encoding \"{encoding}\" is not taken here. Send the body without one."));
        }

        var (data, fault, message) = TriggerData.Read(Envelope(http, parameters), body, request.ContentType);
        return data is null ? (null, Problems.Of(fault, message!)) : (data, null);
    }

    private static byte[] Envelope(HttpContext http, IReadOnlyList<KeyValuePair<string, string>> parameters) =>
        JsonText.Write((Http: http, Parameters: parameters), static (writer, state) =>
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
            foreach (var (name, values) in request.Query)
            {
                writer.WritePropertyName(name);
                WriteValues(writer, values);
            }
        }

        writer.WriteEndObject();
    }

    // One value is a string, several of one name an array.
    private static void WriteValues(Utf8JsonWriter writer, StringValues values)
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

    // RFC 9110, section 5.3: several lines of one name are one value, joined by commas.
    private static void WriteHeader(Utf8JsonWriter writer, string name, StringValues values)
    {
        Span<char> lower = name.Length <= 128 ? stackalloc char[name.Length] : new char[name.Length];
        name.AsSpan().ToLowerInvariant(lower);
        writer.WriteString(lower, values.Count == 1 ? values[0] : string.Join(", ", values.ToArray()));
    }
}
