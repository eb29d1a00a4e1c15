using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Zendesk's <c>X-Zendesk-Webhook-Signature</c>: an HMAC of time and body.</summary>
/// <remarks>https://developer.zendesk.com/documentation/webhooks/verifying</remarks>
internal sealed class ZendeskScheme : IAuthScheme
{
    public string Name => "zendesk";

    public ImmutableArray<string> Known { get; } = ["secret", "tolerance"];

    public WebhookAuth Read(Fields fields) => new HmacAuth("X-Zendesk-Webhook-Signature", SecretReader.ReadRequired(fields))
    {
        Encoding = "base64",
        Signed = SignedText.Of("{timestamp}{body}"),
        TimestampHeader = "X-Zendesk-Webhook-Signature-Timestamp",
        TimeFormat = TimeFormat.Iso8601,
        Tolerance = Tolerance.Read(fields),
    };
}
