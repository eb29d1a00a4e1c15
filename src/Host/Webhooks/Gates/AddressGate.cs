using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Finds out where a request comes from, and refuses those that the trigger's <c>allow_ips</c> does not name.</summary>
/// <param name="addresses">Who is believed about a caller's address.</param>
/// <param name="refusals">Where it is kept that somebody was refused.</param>
/// <param name="isJudged">Whether the address counts; a request without a connection has none.</param>
internal sealed class AddressGate(ClientAddress addresses, RejectionLog refusals, bool isJudged)
{
    /// <summary>Null if the request may come from there.</summary>
    public IEarlyAnswer? Check(WebhookRequest request)
    {
        var connection = request.Http.Connection;
        var address = addresses.Of(connection.RemoteIpAddress, request.Http.Request.Headers);
        if (!ReferenceEquals(address, connection.RemoteIpAddress))
        {
            // For all who come after: the run's remote_ip, the rate limits, the records.
            connection.RemoteIpAddress = address;
        }

        if (request.Trigger.AllowIps is not { } allowed || !isJudged || allowed.Contains(address))
        {
            return null;
        }

        refusals.Add(request, RejectionReason.AddressNotAllowed, "The address is in none of the networks of allow_ips.");
        return Problems.Forbidden;
    }
}
