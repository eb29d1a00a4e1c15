using System.Text.RegularExpressions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Embedding;

namespace Sluice.Host.Configuration;

/// <summary>Requires networks in CIDR notation or single addresses.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ProxiesAttribute() : ItemRuleAttribute("not a network; write it as 10.1.0.0/16, or as one address")
{
    protected override bool IsRight(string item) => NetworkReader.TryParse(item, out _);
}

/// <summary>Requires SHA-256 fingerprints.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class FingerprintsAttribute() : ItemRuleAttribute("not a SHA-256 fingerprint of a certificate; write it as 64 hexadecimal digits")
{
    protected override bool IsRight(string item) => Fingerprint.IsMatch(item);

    [GeneratedRegex(@"^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}\z")]
    private static partial Regex Fingerprint { get; }
}

/// <summary>Rejects the host's own environment variables.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ForeignVariablesAttribute()
    : ItemRuleAttribute("the host's own; name a secret in the config of a step instead, and the plugin gets it with the call")
{
    protected override bool IsRight(string item) => !item.StartsWith("SLUICE_", StringComparison.OrdinalIgnoreCase);
}
