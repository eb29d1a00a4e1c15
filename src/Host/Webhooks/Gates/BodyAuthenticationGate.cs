using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>auth</c>, on the body's bytes as they came over the wire.</summary>
/// <param name="authenticator">Verifies senders; null if nobody is verified, whatever triggers say.</param>
internal sealed class BodyAuthenticationGate(Authenticator? authenticator)
{
    public Passage<VerifiedRequest> Pass(in ReceivedRequest request) =>
        authenticator is null || request.Arrival.Trigger.Auth is not { } auth
            ? new VerifiedRequest(request.Arrival, default, request.Body)
            : authenticator.CheckBody(request, auth);
}
