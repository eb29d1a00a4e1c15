using System.Text.Json;
using System.Text.Unicode;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Reads JSON that something is verified by, so that no two readers can disagree about it: no member stands twice, and every string is text.</summary>
internal static class StrictJson
{
    private const int LongestBody = 1024 * 1024;
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 48 };

    /// <summary>The object; null where the bytes are none.</summary>
    public static JsonElement? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Utf8.IsValid(json.Span) && JsonElement.Parse(json.Span, Options) is { ValueKind: JsonValueKind.Object } read && !BodyParser.HoldsHalfCharacter(json.Span)
                ? read
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The object that a body is; null where the workflow would not read it as JSON, or it is longer than any notification.</summary>
    public static JsonElement? ReadBody(in ReceivedRequest request) =>
        request.Body.Length <= LongestBody
        && BodyParser.KindOf(request.Arrival.Http.Request.ContentType) == BodyKind.Json
        && request.Arrival.Http.Request.Headers.ContentEncoding.Count == 0
            ? Read(request.Body)
            : null;

    /// <summary>A member that is a string; null where it is none.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
