using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Slack's <c>X-Slack-Signature</c>: an HMAC of time and body.</summary>
/// <remarks>https://api.slack.com/authentication/verifying-requests-from-slack</remarks>
internal sealed class SlackScheme : IAuthScheme
{
    public string Name => "slack";

    public ImmutableArray<string> Known { get; } = ["secret", "tolerance"];

    public KeySource DeliveryKey { get; } = new("slack", null, "event_id");

    public WebhookAuth Read(Fields fields) => new SlackAuth(SecretReader.ReadRequired(fields))
    {
        Prefix = "v0=",
        Signed = SignedText.Of("v0:{timestamp}:{body}"),
        TimestampHeader = "X-Slack-Request-Timestamp",
        Tolerance = Tolerance.Read(fields),
    };

    /// <summary>The settings: those of an HMAC, and an answer to <c>url_verification</c> once it is verified.</summary>
    private sealed record SlackAuth(ImmutableArray<SecretName> Keys) : HmacAuth("X-Slack-Signature", Keys)
    {
        public override IEarlyAnswer? AnswerTo(ReadOnlySpan<byte> body) => SlackChallenge.Of(body);
    }
}

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
