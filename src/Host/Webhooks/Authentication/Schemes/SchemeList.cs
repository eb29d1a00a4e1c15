using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>The schemes of this host. Each is one file: its settings, their reader, the verifier, the delivery key and the description.</summary>
internal static class SchemeList
{
    /// <summary>All schemes, in the order in which messages list them.</summary>
    public static AuthSchemes All { get; } = new(
    [
        new BasicScheme(),
        new KeyScheme(),
        new JwtScheme(),
        new HmacScheme(),
        new SignatureScheme(),
        new StandardWebhooksScheme(),
        new StripeScheme(),
        new GithubScheme(),
        new SlackScheme(),
        new ShopifyScheme(),
        new PaddleScheme(),
        new MuxScheme(),
        new ZendeskScheme(),
        new DiscordScheme(),
        new SendGridScheme(),
        new TwilioScheme(),
        new MailgunScheme(),
        new AdyenScheme(),
    ]);
}
