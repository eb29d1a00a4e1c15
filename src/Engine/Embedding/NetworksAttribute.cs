using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Engine.Embedding;

/// <summary>Requires networks in CIDR notation.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NetworksAttribute() : ItemRuleAttribute("not a network; write it as 10.1.0.0/16")
{
    protected override bool IsRight(string item) => AddressText.TryParseNetwork(item, out _);
}
