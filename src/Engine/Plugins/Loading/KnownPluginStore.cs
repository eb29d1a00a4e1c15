using System.Text.RegularExpressions;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>Keeps what was found about plugins, one file for each content, named by its hash. Several processes may use one directory.</summary>
internal sealed partial class KnownPluginStore(string directory)
{
    /// <summary>The suffix of a file's name, after the hash.</summary>
    public const string Suffix = ".json";

    /// <summary>What is known about a plugin with this content; null if nothing is, or other code found it.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public KnownPlugin? Find(string plugin, string hash) =>
        ContentHash.IsMatch(hash) && File.Exists(PathOf(hash)) ? KnownPlugin.Read(File.ReadAllBytes(PathOf(hash)), plugin, hash) : null;

    /// <summary>Writes what is known about a plugin, in the place of what was known before.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public void Keep(KnownPlugin plugin)
    {
        Directory.CreateDirectory(directory);
        // A rename is atomic: a reader sees one whole file. The name is one that ShadowStore removes after a crash.
        var incoming = Path.Combine(directory, $"incoming-{Guid.NewGuid():N}");
        File.WriteAllBytes(incoming, plugin.Write());
        File.Move(incoming, PathOf(plugin.Identity.Hash), overwrite: true);
    }

    /// <summary>Removes the files that were written before a time, so that a directory that no host cleans does not grow for ever.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public void RemoveWrittenBefore(DateTimeOffset time)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var file in new DirectoryInfo(directory).EnumerateFiles().Where(file => OwnName.IsMatch(file.Name) && file.LastWriteTimeUtc < time.UtcDateTime))
        {
            file.Delete();
        }
    }

    [GeneratedRegex("^[0-9a-f]{64}\\z")]
    private static partial Regex ContentHash { get; }

    [GeneratedRegex("^([0-9a-f]{64}\\.json|incoming-[0-9a-f]{32})\\z")]
    private static partial Regex OwnName { get; }

    private string PathOf(string hash) => Path.Combine(directory, hash + Suffix);
}
