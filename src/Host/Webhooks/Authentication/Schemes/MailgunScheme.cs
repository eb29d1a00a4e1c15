using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>The events of Mailgun.</summary>
internal sealed class MailgunScheme : IAuthScheme
{
    public string Name => "mailgun";

    public ImmutableArray<string> Known { get; } = ["secret", "tolerance"];

    public WebhookAuth Read(Fields fields) => new MailgunAuth(SecretReader.ReadRequired(fields), Tolerance.Read(fields));
}

/// <summary>Mailgun's: the signature of a time and a token, in the JSON body.</summary>
internal sealed record MailgunAuth(ImmutableArray<SecretName> Keys, TimeSpan Tolerance) : SchemeSettings
{
    public override ImmutableArray<SecretName> Secrets => Keys;

    public override IVerifier CreateVerifier(VerifierContext context) => new MailgunVerifier(this, context.Secrets, context.Freshness);

    // The signature is in the body.
    public override CredentialDescription? Describe() => null;
}

/// <summary>
/// Mailgun's <c>signature</c> in the JSON body: HMAC-SHA256 of a time and a random token
/// (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks). The event itself is not signed.
/// </summary>
internal sealed class MailgunVerifier(MailgunAuth settings, ISecrets secrets, Freshness freshness) : IVerifier
{
    private static readonly Refused Malformed = new(RejectionReason.MalformedCredentials, "The body is not JSON with a 'signature' object of timestamp, token and signature.");
    private static readonly Refused Wrong = new(RejectionReason.WrongSignature, "The signature in the body does not match its timestamp and token.");

    private readonly SecretBytes _keys = SecretBytes.ReadText(settings.Keys, secrets);

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(Verdict.OpenUnless(_keys.RefuseIfNone()));

    public Verdict CheckBody(in ReceivedRequest request)
    {
        if (StrictJson.ReadBody(request) is not { } body
            || !body.TryGetProperty("signature", out var part)
            || part.Text("timestamp") is not { } time
            || part.Text("token") is not { Length: > 0 } token
            || SecretBytes.FromHex(part.Text("signature")) is not { Length: > 0 } signature)
        {
            return Malformed;
        }

        // Ten digits: nothing stands between time and token, so nothing else would tell where one ends.
        if (freshness.Judge(time, settings.Tolerance, TimeFormat.Seconds) is { } refused)
        {
            return refused;
        }

        return Verdict.Of(Mac.Find("sha256", _keys, [Encoding.UTF8.GetBytes(time + token)], [signature]), Wrong);
    }
}
