using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>
/// Parses IP addresses in canonical notation only: four decimal numbers without leading zeros, or RFC 4291, section 2.2. <see
/// cref="IPAddress.Parse(string)"/> accepts more (octal, hexadecimal and short forms, brackets, ports, scopes), which other programs read
/// as other addresses or reject.
/// </summary>
internal static class AddressText
{
    private static readonly SearchValues<char> Version6 = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address))
        {
            return false;
        }

        var isStrict = address.AddressFamily == AddressFamily.InterNetwork
            ? text.SequenceEqual(address.ToString())
            : !text.ContainsAnyExcept(Version6) && (!text.Contains('.') || TryParse(text[(text.LastIndexOf(':') + 1)..], out _));
        address = isStrict ? address : null;
        return isStrict;
    }

    /// <summary>Parses a network in CIDR notation.</summary>
    public static bool TryParseNetwork(ReadOnlySpan<char> text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/');
        return slash >= 0
            && TryParse(text[..slash], out _)
            && int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && !(text[slash + 1] == '0' && text.Length > slash + 2)
            && IPNetwork.TryParse(text, out network);
    }
}
