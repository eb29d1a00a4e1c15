using System.Runtime.CompilerServices;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Publishing;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>The verifiers of workflows, created with the first request and released with the workflow version.</summary>
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

        return ((SchemeSettings)auth).CreateVerifier(new VerifierContext(workflow, secrets, freshness, publicUrl, keySets, time, log));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The authentication of {Workflow} skips a secret: {Reason}")]
    private partial void LogUnusable(string workflow, string reason);
}
