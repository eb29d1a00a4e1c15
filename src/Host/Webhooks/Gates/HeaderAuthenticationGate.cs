using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>auth</c>, as far as headers tell: a request without credentials, or with expired ones, is rejected before its body is read.</summary>
/// <param name="authenticator">Verifies senders; null if nobody is verified, whatever triggers say.</param>
internal sealed class HeaderAuthenticationGate(Authenticator? authenticator)
{
    public ValueTask<Passage<ScreenedRequest>> PassAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        authenticator is null || request.Trigger.Auth is not { } auth
            ? new(new ScreenedRequest(request, default))
            : authenticator.CheckHeadersAsync(request, auth, cancellationToken);
}
