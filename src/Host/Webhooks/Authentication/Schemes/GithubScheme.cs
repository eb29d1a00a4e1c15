using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>GitHub's <c>X-Hub-Signature-256</c>: an HMAC of the body.</summary>
/// <remarks>https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries</remarks>
internal sealed class GithubScheme : IAuthScheme
{
    public string Name => "github";

    public ImmutableArray<string> Known { get; } = ["secret"];

    public KeySource DeliveryKey { get; } = new("github", "X-GitHub-Delivery");

    public WebhookAuth Read(Fields fields) => new HmacAuth("X-Hub-Signature-256", SecretReader.ReadRequired(fields)) { Prefix = "sha256=" };
}
