using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Stripe's <c>Stripe-Signature</c>: an HMAC of time and body. Signatures of other schemes, such as the <c>v0</c> of test events, prove nothing.</summary>
/// <remarks>https://docs.stripe.com/webhooks/signature</remarks>
internal sealed class StripeScheme : IAuthScheme
{
    public string Name => "stripe";

    public ImmutableArray<string> Known { get; } = ["secret", "tolerance", "header"];

    // An event that is delivered again counts the deliveries that are still open (pending_webhooks), so its bytes differ.
    public KeySource DeliveryKey { get; } = new("stripe", null, "id") { RepeatsDiffer = true };

    public WebhookAuth Read(Fields fields) => new HmacAuth(HeaderField.Read(fields, "header") ?? "Stripe-Signature", SecretReader.ReadRequired(fields))
    {
        Pattern = SignaturePattern.Parse("t={timestamp},v1={signature}").Pattern,
        Signed = SignedText.Of("{timestamp}.{body}"),
        Tolerance = Tolerance.Read(fields),
    };
}
