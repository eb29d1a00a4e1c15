using System.Text;
using System.Text.Json;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Slack's <c>url_verification</c>: it asks once whether the address is ours, and wants its challenge back (https://api.slack.com/events/url_verification).</summary>
internal sealed class SlackChallenge(string challenge) : IEarlyAnswer
{
    // Slack's own is some 200 bytes; whatever is longer is an event.
    private const int LongestBody = 4096;

    /// <summary>The answer, where a verified body is such a question; else null.</summary>
    public static SlackChallenge? Of(ReadOnlySpan<byte> body)
    {
        if (body.Length > LongestBody || body.IndexOf("url_verification"u8) < 0)
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("url_verification"u8)
                && root.TryGetProperty("challenge", out var challenge) && challenge.ValueKind == JsonValueKind.String
                ? new SlackChallenge(challenge.GetString()!)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON: what the parser says to it is said further on.
            return null;
        }
    }

    public Task WriteAsync(HttpContext http)
    {
        var body = Encoding.UTF8.GetBytes(challenge);
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
