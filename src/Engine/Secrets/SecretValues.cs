using System.Collections.Frozen;

namespace Sluice.Engine.Secrets;

/// <summary>The secrets of an engine, read once.</summary>
internal sealed class SecretValues(IEnumerable<KeyValuePair<string, string>> values) : ISecrets
{
    private readonly FrozenDictionary<string, string> _values = values.ToFrozenDictionary(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => _values.Keys;

    public SecretMasks Masks => field ??= new SecretMasks(this);

    public string? Find(string name) => _values.GetValueOrDefault(name);
}
