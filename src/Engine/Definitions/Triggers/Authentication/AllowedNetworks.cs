using System.Collections.Immutable;
using System.Net;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>The networks that a webhook may be called from.</summary>
internal sealed class AllowedNetworks(ImmutableArray<IPNetwork> networks)
{
    public bool Contains(IPAddress? address) => address is not null && networks.Any(network => network.Contains(address));
}
