using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>auth</c>, as far as headers tell: whoever brings nothing, or something old, is refused before any of the body is read.</summary>
internal sealed class HeaderAuthenticationGate(Authenticator authenticator) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        request.Trigger.Auth is null ? default : authenticator.CheckHeadersAsync(request, cancellationToken);
}
