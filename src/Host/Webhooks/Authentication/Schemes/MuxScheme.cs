using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Mux's <c>Mux-Signature</c>: an HMAC of time and body.</summary>
/// <remarks>https://www.mux.com/docs/core/verify-webhook-signatures</remarks>
internal sealed class MuxScheme : IAuthScheme
{
    public string Name => "mux";

    public ImmutableArray<string> Known { get; } = ["secret", "tolerance"];

    public WebhookAuth Read(Fields fields) => new HmacAuth("Mux-Signature", SecretReader.ReadRequired(fields))
    {
        Pattern = SignaturePattern.Parse("t={timestamp},v1={signature}").Pattern,
        Signed = SignedText.Of("{timestamp}.{body}"),
        Tolerance = Tolerance.Read(fields),
    };
}
