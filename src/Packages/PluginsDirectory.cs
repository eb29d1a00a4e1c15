using System.Text.RegularExpressions;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;

namespace Sluice.Packages;

/// <summary>
/// A plugins directory while one command changes it. Folders appear and disappear by rename, so a running host sees a whole plugin or none;
/// work in progress is in folders whose names start with a dot, which the host ignores.
/// </summary>
internal sealed partial class PluginsDirectory : IDisposable
{
    private const string LockName = ".sluice-plugins.lock";
    private const string Incoming = ".incoming-";
    private const string Replaced = ".replaced-";
    private const string Removed = ".removed-";

    private readonly FileStream _lock;

    private PluginsDirectory(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>The names of its plugins.</summary>
    public IReadOnlyList<string> Names =>
        [.. Directory.EnumerateDirectories(Path).Select(path => System.IO.Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>Locks the directory for this command, and cleans up after commands that were killed.</summary>
    /// <exception cref="PackageException">Another command has locked it, or it is not writable.</exception>
    public static PluginsDirectory Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            var held = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            var directory = new PluginsDirectory(path, held);
            directory.ClearLeftovers();
            return directory;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackageException(
                "directory", $"The plugins directory {path} can't be changed now: {exception.Message} Wait for another `sluice plugins` command to end, or give this user write access.", exception);
        }
    }

    /// <summary>Creates a staging folder; the caller deletes it.</summary>
    public string Stage() => Directory.CreateDirectory(OwnPath(Incoming)).FullName;

    public bool Holds(string name) => Names.Contains(name, StringComparer.Ordinal);

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Moves a whole plugin in, replacing the one with the same name.</summary>
    /// <param name="staged">A folder on the same file system, named like the plugin.</param>
    public void Place(string staged)
    {
        var name = System.IO.Path.GetFileName(staged);
        if (!Holds(name))
        {
            Directory.Move(staged, PathOf(name));
            return;
        }

        var away = Directory.CreateDirectory(OwnPath(Replaced)).FullName;
        var old = System.IO.Path.Combine(away, name);
        Directory.Move(PathOf(name), old);
        try
        {
            Directory.Move(staged, PathOf(name));
        }
        catch
        {
            Directory.Move(old, PathOf(name));
            Directory.Delete(away);
            throw;
        }

        DeleteQuietly(away);
    }

    /// <summary>Removes a plugin.</summary>
    /// <exception cref="PackageException">There is none with that name.</exception>
    public void Remove(string name)
    {
        if (!Holds(name))
        {
            throw new PackageException("unknown-plugin", $"There is no plugin '{name}' in {Path}.{DidYouMean.Hint(name, Names)} `sluice plugins list` shows what is there.");
        }

        var away = OwnPath(Removed);
        Directory.Move(PathOf(name), away);
        DeleteQuietly(away);
    }

    public void Dispose() => _lock.Dispose();

    private void ClearLeftovers()
    {
        foreach (var path in Directory.EnumerateDirectories(Path).Where(path => OwnName.IsMatch(System.IO.Path.GetFileName(path))).ToArray())
        {
            // A command was killed between two renames: restores the old plugin unless its name is taken.
            if (System.IO.Path.GetFileName(path).StartsWith(Replaced, StringComparison.Ordinal)
                && Directory.EnumerateDirectories(path).FirstOrDefault() is { } old
                && !Directory.Exists(PathOf(System.IO.Path.GetFileName(old))))
            {
                Directory.Move(old, PathOf(System.IO.Path.GetFileName(old)));
            }

            DeleteQuietly(path);
        }
    }

    // What can't be deleted (Windows keeps a mapped file) is invisible to the host, and the next command deletes it.
    private static void DeleteQuietly(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string OwnPath(string prefix) => System.IO.Path.Combine(Path, $"{prefix}{Guid.NewGuid():N}");

    [GeneratedRegex(@"^\.(incoming|replaced|removed)-[0-9a-f]{32}\z")]
    private static partial Regex OwnName { get; }
}
