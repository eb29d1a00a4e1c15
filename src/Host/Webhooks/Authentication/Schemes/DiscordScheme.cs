using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Discord's <c>X-Signature-Ed25519</c>: a signature of time and body.</summary>
/// <remarks>https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers</remarks>
internal sealed class DiscordScheme : IAuthScheme
{
    public string Name => "discord";

    public ImmutableArray<string> Known { get; } = ["public_key", "tolerance"];

    public WebhookAuth Read(Fields fields) => new PublicKeyAuth("X-Signature-Ed25519", PublicKeyReader.Read(fields, "ed25519"))
    {
        Signed = SignedText.Of("{timestamp}{body}"),
        TimestampHeader = "X-Signature-Timestamp",
        TimeFormat = TimeFormat.Seconds,
        Tolerance = Tolerance.Read(fields),
    };
}
