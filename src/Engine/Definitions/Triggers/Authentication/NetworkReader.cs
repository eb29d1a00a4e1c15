using System.Collections.Immutable;
using System.Net;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>Reads the setting <c>allow_ips</c> of a webhook.</summary>
internal static class NetworkReader
{
    private const int Most = 1000;

    /// <summary>Reads the networks; null if every address may call.</summary>
    public static AllowedNetworks? Read(Fields fields)
    {
        if (fields["allow_ips"] is null)
        {
            return null;
        }

        var items = fields.OneOrMany("allow_ips", "one network");
        var networks = ImmutableArray.CreateBuilder<IPNetwork>();
        foreach (var item in items)
        {
            if (item is SourceNode.Text text && TryParse(text.Value, out var network))
            {
                networks.Add(network);
            }
            else
            {
                var written = item is SourceNode.Text other ? $"'{other.Value}'" : item.TypeInWords();
                fields.Note("bad-network", $"{written} is not a network; write an address, or its first address and the length of the prefix, such as 192.0.2.0/24 or 2001:db8::/32.", "allow_ips", item.At);
            }
        }

        if (items.Length > Most)
        {
            fields.Note("too-many", $"'allow_ips' takes at most {Most} networks.", "allow_ips", fields["allow_ips"]!.At);
        }

        return new AllowedNetworks(networks.DrainToImmutable());
    }

    /// <summary>Parses a network in CIDR notation or a single address.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (AddressText.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return AddressText.TryParseNetwork(text, out network);
    }
}
