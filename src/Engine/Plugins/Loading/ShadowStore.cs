using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// Stores copies of plugin folders, each in a folder named by its content's hash. Plugins run from the copies, so that their own folders
/// can be replaced at any time. Only one host may use a store.
/// </summary>
/// <param name="directory">The directory of the copies.</param>
/// <param name="logger">Logs the copies that can't be deleted.</param>
/// <param name="copies">Whether to copy at all. If not, plugins run from their own folders, for a process that ends before they are
/// replaced.</param>
internal sealed partial class ShadowStore(string directory, ILogger logger, bool copies = true)
{
    private readonly string _directory = Path.GetFullPath(directory);

    /// <summary>Returns the copy of a folder whose content has this hash, and creates it if necessary.</summary>
    /// <exception cref="PluginRejectedException">The folder changed since it was hashed, or while it was copied.</exception>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    /// <param name="folder">The folder.</param>
    /// <param name="files">The relative names of its files.</param>
    /// <param name="hash">The hash of its content.</param>
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

    /// <summary>Finds the copy with this hash; null if there is none, or it is not whole.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public string? Find(string hash) => OwnName.IsMatch(hash) && IsWhole(PathOf(hash), hash) ? PathOf(hash) : null;

    /// <summary>
    /// Deletes the copies that no plugin runs from, and the records about them. Touches only what this class has created.
    /// </summary>
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
                // Windows keeps a mapped file; the next start deletes it.
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

    // A rename is atomic, but the content is not: after a power failure the copy may exist with missing bytes.
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
        // Another folder with the same content may create the copy at the same time; any whole copy will do.
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
