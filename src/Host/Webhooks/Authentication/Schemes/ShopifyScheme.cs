using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Shopify's <c>X-Shopify-Hmac-Sha256</c>: an HMAC of the body.</summary>
/// <remarks>https://shopify.dev/docs/apps/build/webhooks/subscribe/https</remarks>
internal sealed class ShopifyScheme : IAuthScheme
{
    public string Name => "shopify";

    public ImmutableArray<string> Known { get; } = ["secret"];

    public KeySource DeliveryKey { get; } = new("shopify", "X-Shopify-Webhook-Id");

    public WebhookAuth Read(Fields fields) => new HmacAuth("X-Shopify-Hmac-Sha256", SecretReader.ReadRequired(fields)) { Encoding = "base64" };
}
