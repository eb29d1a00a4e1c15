using System.Collections;
using System.Collections.Frozen;
using Sluice.Engine.Execution;

namespace Sluice.Host.Configuration;

/// <summary>The secrets of the environment (<c>SLUICE_SECRET_NAME</c>) and of the secrets folder; a file wins over a variable.</summary>
internal sealed class HostSecrets : ISecrets
{
    private const string Prefix = "SLUICE_SECRET_";
    private readonly FrozenDictionary<string, string> _values;

    private HostSecrets(FrozenDictionary<string, string> values) => _values = values;

    public IReadOnlyCollection<string> Names => _values.Keys;

    public SecretMasks Masks => field ??= new SecretMasks(this);

    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>Reads both places, once. Names are lower case, whatever the variable's case is.</summary>
    public static HostSecrets Read(IDictionary environment, string? directory)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in environment)
        {
            if (entry.Key is string name && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && entry.Value is string value)
            {
                values[name[Prefix.Length..].ToLowerInvariant()] = value;
            }
        }

        if (directory is not null && Directory.Exists(directory))
        {
            foreach (var file in Directory.EnumerateFiles(directory))
            {
                // Editors and `echo` end a file with a line end that is no part of the secret.
                values[Path.GetFileName(file).ToLowerInvariant()] = File.ReadAllText(file).TrimEnd('\r', '\n');
            }
        }

        return new HostSecrets(values.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
