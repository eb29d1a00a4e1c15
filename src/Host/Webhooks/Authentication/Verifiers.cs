using System.Runtime.CompilerServices;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Publishing;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>The verifier of each workflow that has one, made with its first request and gone with the workflow's version.</summary>
internal sealed partial class Verifiers(ISecrets secrets, Freshness freshness, Uri? publicUrl, KeySetLoader keySets, TimeProvider time, ILogger<Verifiers> log)
{
    private readonly ConditionalWeakTable<WebhookAuth, IVerifier> _made = [];

    public IVerifier Of(LiveWorkflow workflow, WebhookAuth auth) => _made.TryGetValue(auth, out var made) ? made : _made.GetValue(auth, auth => Make(workflow.Name, auth));

    private IVerifier Make(string workflow, WebhookAuth auth)
    {
        foreach (var wrong in SecretBytes.ReadText(auth.Secrets, secrets).Unusable)
        {
            LogUnusable(workflow, wrong);
        }

        return auth switch
        {
            BasicAuth basic => new BasicVerifier(basic, secrets, workflow),
            KeyAuth header => new KeyVerifier(header, secrets),
            HmacAuth hmac => new SignatureVerifier(hmac, new HmacKeys(hmac, secrets), freshness),
            PublicKeyAuth key => new SignatureVerifier(key, new PublicKeys(key), freshness),
            StandardWebhooksAuth standard => new StandardWebhooksVerifier(standard, secrets, freshness),
            MailgunAuth mailgun => new MailgunVerifier(mailgun, secrets, freshness),
            AdyenAuth adyen => new AdyenVerifier(adyen, secrets),
            TwilioAuth twilio => new TwilioVerifier(twilio, secrets, publicUrl),
            JwtAuth jwt => MakeJwt(workflow, jwt),
            _ => throw new InvalidOperationException($"There is no verifier for {auth.GetType().Name}."),
        };
    }

    // On its own, so that the token library is loaded only where a workflow takes tokens.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private JwtVerifier MakeJwt(string workflow, JwtAuth jwt)
    {
        IKeySource keys = jwt.Jwks is { } place
            ? new KeySet(place, cancellationToken => keySets.LoadAsync(place, cancellationToken), time, log)
            : new SharedKeys(SecretBytes.ReadText(jwt.Keys, secrets), jwt.Algorithms);
        return new JwtVerifier(jwt, keys, freshness, workflow);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The authentication of {Workflow} skips a secret: {Reason}")]
    private partial void LogUnusable(string workflow, string reason);
}
