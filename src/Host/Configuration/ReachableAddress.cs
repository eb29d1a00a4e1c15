using System.Net;

namespace Sluice.Host.Configuration;

/// <summary>Turns a listen address into an address to connect to.</summary>
internal static class ReachableAddress
{
    /// <summary>
    /// Replaces a wildcard host (<c>*</c>, <c>+</c>, <c>0.0.0.0</c>, <c>[::]</c>) with a concrete one; null for a Unix socket.
    /// </summary>
    /// <param name="url">The listen address.</param>
    /// <param name="host">An address of the machine; an IPv6 address in brackets.</param>
    public static string? Of(string url, string host)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            // The connection attempt reports what is wrong.
            return url;
        }

        return address.IsUnixPipe || address.IsNamedPipe ? null : IsAny(address.Host) ? $"{address.Scheme}://{host}:{address.Port}{address.PathBase}" : url;
    }

    private static bool IsAny(string host) =>
        host is "*" or "+" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}
