using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>SendGrid's <c>X-Twilio-Email-Event-Webhook-Signature</c>: an ECDSA signature of time and body.</summary>
/// <remarks>https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features</remarks>
internal sealed class SendGridScheme : IAuthScheme
{
    public string Name => "sendgrid";

    public ImmutableArray<string> Known { get; } = ["public_key", "tolerance"];

    public WebhookAuth Read(Fields fields) => new PublicKeyAuth("X-Twilio-Email-Event-Webhook-Signature", PublicKeyReader.Read(fields, "ecdsa_p256"))
    {
        Algorithm = "ecdsa_p256",
        Encoding = "base64",
        Signed = SignedText.Of("{timestamp}{body}"),
        TimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp",
        TimeFormat = TimeFormat.Seconds,
        Tolerance = Tolerance.Read(fields),
    };
}
