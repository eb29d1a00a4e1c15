namespace Sluice.Engine.Plugins;

/// <summary>Identifies the exact content of a plugin.</summary>
/// <param name="Name">The name of its folder, up to an <c>@</c>: the folders <c>Acme.Weather</c> and <c>Acme.Weather@2</c> hold one
/// plugin.</param>
/// <param name="Version">The version of its entry assembly.</param>
/// <param name="Hash">The SHA-256 of its files' names and contents, in lowercase hexadecimal.</param>
internal sealed record PluginIdentity(string Name, string Version, string Hash)
{
    private readonly ReleaseNumber _release = ReleaseNumber.Parse(Version);

    /// <summary><c>name@version</c>, for display.</summary>
    public string Label { get; } = $"{Name}@{Version}";

    /// <summary><c>name@version+hash</c>, as runs record it.</summary>
    public string Record { get; } = $"{Name}@{Version}+{Hash}";

    public ReleaseNumber Release => _release;

    /// <summary>Whether a workflow that was checked against one may be moved to the other automatically.</summary>
    public bool IsCompatibleWith(PluginIdentity other) => Name == other.Name && Release.Major == other.Release.Major;

    /// <summary>Parses a <see cref="Record"/> or <see cref="Label"/>; the hash is empty if it was not recorded.</summary>
    public static PluginIdentity Parse(string record)
    {
        var at = record.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            return new PluginIdentity(record, "", "");
        }

        var plus = record.LastIndexOf('+');
        return plus > at
            ? new PluginIdentity(record[..at], record[(at + 1)..plus], record[(plus + 1)..])
            : new PluginIdentity(record[..at], record[(at + 1)..], "");
    }
}
