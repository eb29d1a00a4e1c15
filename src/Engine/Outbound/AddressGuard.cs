using System.Net;
using System.Net.Sockets;

namespace Sluice.Engine.Outbound;

/// <summary>
/// Decides which addresses nodes may connect to. Checks the address after name resolution, so that a name can't bypass it.
/// </summary>
internal sealed class AddressGuard(bool allowPrivate, IEnumerable<IPNetwork> allowed)
{
    // RFC 3927, RFC 4291 (2.5.6) and cloud metadata services: always blocked, whatever is allowed.
    private static readonly IPNetwork[] Never =
        [.. new[] { "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "168.63.129.16/32" }.Select(IPNetwork.Parse)];

    // RFC 6890 and its registry: addresses that are not globally reachable.
    private static readonly IPNetwork[] Private =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Includes the deprecated site-local addresses (RFC 3879), local NAT64 (RFC 8215) and Teredo, which embeds an obfuscated IPv4
            // address (RFC 4380).
            "::/127", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "fc00::/7", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    private readonly IPNetwork[] _allowed = [.. allowed];

    /// <summary>Returns null if connecting to the address is allowed, otherwise why not and how to allow it.</summary>
    public string? Refuse(IPAddress address)
    {
        var judged = Unwrap(address);
        if (Array.Exists(Never, network => network.Contains(judged)))
        {
            return $"{address} is a link-local or cloud-metadata address, which no node may reach.";
        }

        return allowPrivate || Array.Exists(_allowed, network => network.Contains(judged)) || !Array.Exists(Private, network => network.Contains(judged))
            ? null
            : $"{address} is a private address. Allow its network with Http:Allow (for example 10.1.0.0/16), or all of them with Http:AllowPrivate.";
    }

    // An IPv6 address can embed an IPv4 address: mapped or compatible (RFC 4291), 6to4 (RFC 3056) or NAT64 (RFC 6052).
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        return bytes switch
        {
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, var a, var b, var c, var d] when (a, b, c) != (0, 0, 0) => new IPAddress([a, b, c, d]),
            [0x20, 0x02, var a, var b, var c, var d, ..] => new IPAddress([a, b, c, d]),
            [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, var a, var b, var c, var d] => new IPAddress([a, b, c, d]),
            _ => address,
        };
    }
}
