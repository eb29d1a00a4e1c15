using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Packages;

/// <summary>
/// Creates the lock file of the current folders. A folder that is unchanged since it was locked keeps the origin in its entry.
/// </summary>
internal static class LockFolders
{
    public static LockFile Of(PluginsDirectory directory)
    {
        var before = LockFile.Read(directory.Path) ?? LockFile.Empty;
        return directory.Names.Aggregate(LockFile.Empty, (file, name) => file.With(EntryOf(directory.PathOf(name), before.Find(name))));
    }

    private static LockEntry EntryOf(string path, LockEntry? before)
    {
        var folder = PluginFolder.Read(path);
        if (folder.Irregular is { } irregular)
        {
            throw new PackageException(FolderRules.NotAFile, $"{path} can't be locked. {irregular}");
        }

        var hash = FolderContent.Hash(path);
        return before is not null && before.Hash == hash
            ? before
            : new LockEntry { Name = folder.Name, Version = folder.Entry?.Version ?? "", Hash = hash };
    }
}
