namespace Sluice.Engine.Plugins.Locking;

/// <summary>Admits only plugins in the lock file of a plugins directory (<c>Plugins:RequireLock</c>).</summary>
/// <remarks>Reads the file for each plugin, because it may change while the host runs.</remarks>
internal sealed class PluginLock(string pluginsDirectory)
{
    /// <summary>Returns why a plugin is rejected; null if it is admitted.</summary>
    /// <param name="name">The name of its folder.</param>
    /// <param name="hash">The hash of its content.</param>
    public Rejection? RejectedRequest(string name, string hash)
    {
        try
        {
            return Problem(name, hash, LockFile.Read(pluginsDirectory)) is { } problem ? new Rejection("not-locked", problem) : null;
        }
        catch (LockFileException broken)
        {
            return new Rejection("not-locked", broken.Message);
        }
    }

    private string? Problem(string name, string hash, LockFile? file)
    {
        if (file?.Find(name) is not { } entry)
        {
            var why = file is null ? $"there is no {LockFile.FileName} in {pluginsDirectory}" : $"{LockFile.FileName} does not name it";
            return $"Plugins:RequireLock is on, and {why}. Install it with `sluice plugins add`, or run `sluice plugins lock` if it was copied by hand.";
        }

        return entry.Hash == hash
            ? null
            : $"Plugins:RequireLock is on, and the content of the folder (hash {hash}) is not what {LockFile.FileName} names ({entry.Hash}). "
                + "Install it again with `sluice plugins add`, or run `sluice plugins lock` if the change is meant.";
    }
}
