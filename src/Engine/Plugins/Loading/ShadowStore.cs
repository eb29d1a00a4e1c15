using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// Copies of plugin folders, each in a folder named by its content's hash. Plugins run from here, so that the folder they came from can be
/// replaced while they run. One host uses a store at a time.
/// </summary>
/// <param name="directory">Where the copies are.</param>
/// <param name="logger">Is told which copies can't be removed.</param>
/// <param name="copies">Whether to copy at all; if not, plugins run from their own folders, for a process that ends before they are replaced.</param>
internal sealed partial class ShadowStore(string directory, ILogger logger, bool copies = true)
{
    private readonly string _directory = Path.GetFullPath(directory);

    /// <summary>The copy of a folder whose content has this hash, made where there is none yet.</summary>
    /// <exception cref="PluginRejectedException">The folder changed since it was hashed, or while it was copied.</exception>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    /// <param name="folder">The folder.</param>
    /// <param name="files">Its files: relative names.</param>
    /// <param name="hash">The hash of what it holds.</param>
    public string Place(string folder, ImmutableArray<string> files, string hash)
    {
        if (!copies)
        {
            return folder;
        }

        if (Find(hash) is { } there)
        {
            return there;
        }

        var shadow = PathOf(hash);
        Copy(folder, files, shadow, hash);
        return shadow;
    }

    /// <summary>The copy with this hash; null where there is none, or what is there is not whole.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public string? Find(string hash) => OwnName.IsMatch(hash) && IsWhole(PathOf(hash), hash) ? PathOf(hash) : null;

    /// <summary>Removes the copies that no plugin runs from, and what is known about them. Touches nothing but what this class made.</summary>
    public void RemoveUnused(IReadOnlySet<string> usedHashes)
    {
        if (!Directory.Exists(_directory))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFileSystemEntries(_directory))
        {
            var name = Path.GetFileName(path) is var entry && entry.EndsWith(KnownPluginStore.Suffix, StringComparison.Ordinal) ? entry[..^KnownPluginStore.Suffix.Length] : entry;
            if (!OwnName.IsMatch(name) || usedHashes.Contains(name))
            {
                continue;
            }

            try
            {
                Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Windows keeps a file that is mapped; the next start gets it.
                logger.LogInformation("The old plugin copy {Path} can't be removed now: {Reason}", path, exception.Message);
            }
        }
    }

    [GeneratedRegex("^([0-9a-f]{64}|incoming-[0-9a-f]{32})\\z")]
    private static partial Regex OwnName { get; }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private string PathOf(string hash) => Path.Combine(_directory, hash);

    // A rename is atomic, the bytes behind it are not: after a power cut the copy may be there and hollow.
    private static bool IsWhole(string shadow, string hash) => Directory.Exists(shadow) && FolderContent.Hash(shadow) == hash;

    private void Copy(string folder, ImmutableArray<string> files, string shadow, string hash)
    {
        var incoming = Path.Combine(_directory, $"incoming-{Guid.NewGuid():N}");
        try
        {
            foreach (var file in files)
            {
                var target = Path.Combine(incoming, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                RegularFile.Require(folder, file);
                File.Copy(Path.Combine(folder, file), target);
            }

            if (FolderContent.Hash(incoming) != hash)
            {
                throw new PluginRejectedException(
                    "folder-changed",
                    "The folder changed while it was read. Copy a plugin to a folder whose name starts with a dot, and rename that when it is complete.");
            }

            Settle(incoming, shadow, hash);
        }
        finally
        {
            if (Directory.Exists(incoming))
            {
                Directory.Delete(incoming, recursive: true);
            }
        }
    }

    private static void Settle(string incoming, string shadow, string hash)
    {
        // Another folder with the same content may be settling at this moment: whole is whole.
        if (Directory.Exists(shadow) && !IsWhole(shadow, hash))
        {
            Directory.Delete(shadow, recursive: true);
        }

        try
        {
            Directory.Move(incoming, shadow);
        }
        catch (IOException) when (IsWhole(shadow, hash))
        {
        }
    }
}
