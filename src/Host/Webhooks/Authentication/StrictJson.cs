using System.Text.Json;
using System.Text.Unicode;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// Parses JSON that takes part in a verification, so that no two parsers can disagree about it: no duplicate members, only valid strings.
/// </summary>
internal static class StrictJson
{
    private const int LongestBody = 1024 * 1024;
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 48 };

    /// <summary>Parses an object; null if the bytes are not one.</summary>
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

    /// <summary>
    /// Parses the object in a body; null if the workflow would not read it as JSON, or it is longer than any notification.
    /// </summary>
    public static JsonElement? ReadBody(in ReceivedRequest request) =>
        request.Body.Length <= LongestBody
        && BodyParser.KindOf(request.Arrival.Http.Request.ContentType) == BodyKind.Json
        && request.Arrival.Http.Request.Headers.ContentEncoding.Count == 0
            ? Read(request.Body)
            : null;

    /// <summary>Gets a string member; null if it is not a string.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
