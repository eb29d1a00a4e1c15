using System.Net;

namespace Sluice.Host.Configuration;

/// <summary>Makes of an address to listen on one to connect to.</summary>
internal static class ReachableAddress
{
    /// <summary>The address with a host in place of <c>*</c>, <c>+</c>, <c>0.0.0.0</c> or <c>[::]</c>, which stand for all addresses; null for a Unix socket.</summary>
    /// <param name="url">The address to listen on.</param>
    /// <param name="host">An address of the machine; of IPv6 in brackets.</param>
    public static string? Of(string url, string host)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            // Whoever connects to it says what is wrong.
            return url;
        }

        return address.IsUnixPipe || address.IsNamedPipe ? null : IsAny(address.Host) ? $"{address.Scheme}://{host}:{address.Port}{address.PathBase}" : url;
    }

    private static bool IsAny(string host) =>
        host is "*" or "+" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}
