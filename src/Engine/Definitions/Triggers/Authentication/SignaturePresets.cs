using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>The providers whose signature stands in a header: what <c>hmac</c> and <c>signature</c> would spell out, by the provider's name.</summary>
internal static class SignaturePresets
{
    public static readonly ImmutableArray<string> KnownOfSecret = ["secret", "tolerance"];
    public static readonly ImmutableArray<string> KnownOfPublicKey = ["public_key", "tolerance"];

    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    public static HmacAuth Github(Fields fields) => new("X-Hub-Signature-256", AuthReader.Secrets(fields)) { Prefix = "sha256=" };

    // https://shopify.dev/docs/apps/build/webhooks/subscribe/https
    public static HmacAuth Shopify(Fields fields) => new("X-Shopify-Hmac-Sha256", AuthReader.Secrets(fields)) { Encoding = "base64" };

    // https://api.slack.com/authentication/verifying-requests-from-slack
    public static HmacAuth Slack(Fields fields) => new("X-Slack-Signature", AuthReader.Secrets(fields))
    {
        Prefix = "v0=",
        Signed = Text("v0:{timestamp}:{body}"),
        TimestampHeader = "X-Slack-Request-Timestamp",
        Tolerance = AuthReader.Tolerance(fields),
        AnswersSlack = true,
    };

    // https://docs.stripe.com/webhooks/signature. Signatures of other schemes, such as the v0 of test events, prove nothing.
    public static HmacAuth Stripe(Fields fields) =>
        InOneHeader(fields, HeaderField.Read(fields, "header") ?? "Stripe-Signature", "t={timestamp},v1={signature}", "{timestamp}.{body}");

    // https://www.mux.com/docs/core/verify-webhook-signatures
    public static HmacAuth Mux(Fields fields) => InOneHeader(fields, "Mux-Signature", "t={timestamp},v1={signature}", "{timestamp}.{body}");

    // https://developer.paddle.com/webhooks/signature-verification
    public static HmacAuth Paddle(Fields fields) => InOneHeader(fields, "Paddle-Signature", "ts={timestamp};h1={signature}", "{timestamp}:{body}");

    // https://developer.zendesk.com/documentation/webhooks/verifying
    public static HmacAuth Zendesk(Fields fields) => new("X-Zendesk-Webhook-Signature", AuthReader.Secrets(fields))
    {
        Encoding = "base64",
        Signed = Text("{timestamp}{body}"),
        TimestampHeader = "X-Zendesk-Webhook-Signature-Timestamp",
        TimeFormat = TimeFormat.Iso8601,
        Tolerance = AuthReader.Tolerance(fields),
    };

    // https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers
    public static PublicKeyAuth Discord(Fields fields) => new("X-Signature-Ed25519", PublicKeyReader.Read(fields, "ed25519"))
    {
        Signed = Text("{timestamp}{body}"),
        TimestampHeader = "X-Signature-Timestamp",
        TimeFormat = TimeFormat.Seconds,
        Tolerance = AuthReader.Tolerance(fields),
    };

    // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
    public static PublicKeyAuth SendGrid(Fields fields) => new("X-Twilio-Email-Event-Webhook-Signature", PublicKeyReader.Read(fields, "ecdsa_p256"))
    {
        Algorithm = "ecdsa_p256",
        Encoding = "base64",
        Signed = Text("{timestamp}{body}"),
        TimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp",
        TimeFormat = TimeFormat.Seconds,
        Tolerance = AuthReader.Tolerance(fields),
    };

    private static HmacAuth InOneHeader(Fields fields, string header, string pattern, string signed) => new(header, AuthReader.Secrets(fields))
    {
        Pattern = SignaturePattern.Parse(pattern).Pattern,
        Signed = Text(signed),
        Tolerance = AuthReader.Tolerance(fields),
    };

    private static SignedText Text(string text) => SignedText.Parse(text).Signed!;
}
