using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>auth</c>, on the body's bytes as they came over the wire.</summary>
internal sealed class BodyAuthenticationGate(Authenticator authenticator) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        request.Trigger.Auth is null ? default : new(authenticator.CheckBody(request));
}
