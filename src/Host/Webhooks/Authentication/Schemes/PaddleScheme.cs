using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>Paddle's <c>Paddle-Signature</c>: an HMAC of time and body.</summary>
/// <remarks>https://developer.paddle.com/webhooks/signature-verification</remarks>
internal sealed class PaddleScheme : IAuthScheme
{
    public string Name => "paddle";

    public ImmutableArray<string> Known { get; } = ["secret", "tolerance"];

    public WebhookAuth Read(Fields fields) => new HmacAuth("Paddle-Signature", SecretReader.ReadRequired(fields))
    {
        Pattern = SignaturePattern.Parse("ts={timestamp};h1={signature}").Pattern,
        Signed = SignedText.Of("{timestamp}:{body}"),
        Tolerance = Tolerance.Read(fields),
    };
}
