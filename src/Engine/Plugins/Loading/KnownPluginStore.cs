using System.Text.RegularExpressions;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// Stores what is known about plugins, in one file per content, named by its hash. Several processes may use one directory.
/// </summary>
internal sealed partial class KnownPluginStore(string directory)
{
    /// <summary>The suffix of the file name, after the hash.</summary>
    public const string Suffix = ".json";

    /// <summary>Finds the record of a plugin with this content; null if there is none, or other code wrote it.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public KnownPlugin? Find(string plugin, string hash) =>
        ContentHash.IsMatch(hash) && File.Exists(PathOf(hash)) ? KnownPlugin.Read(File.ReadAllBytes(PathOf(hash)), plugin, hash) : null;

    /// <summary>Writes the record of a plugin, and replaces an older one.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public void Keep(KnownPlugin plugin)
    {
        Directory.CreateDirectory(directory);
        // A rename is atomic, so readers always see a whole file. ShadowStore removes files with this name after a crash.
        var incoming = Path.Combine(directory, $"incoming-{Guid.NewGuid():N}");
        File.WriteAllBytes(incoming, plugin.Write());
        File.Move(incoming, PathOf(plugin.Identity.Hash), overwrite: true);
    }

    /// <summary>Deletes the files written before a time, so that a directory that no host cleans does not grow forever.</summary>
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
