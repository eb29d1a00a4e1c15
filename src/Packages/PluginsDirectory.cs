using System.Text.RegularExpressions;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;

namespace Sluice.Packages;

/// <summary>
/// A plugins directory while one command changes it. Folders come and go by renames, so a running host sees a plugin whole or not at all; what is
/// under way lies in folders whose names start with a dot, which the host leaves alone.
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

    /// <summary>The plugins in it, by name.</summary>
    public IReadOnlyList<string> Names =>
        [.. Directory.EnumerateDirectories(Path).Select(path => System.IO.Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>Takes the directory for this command alone, and clears away what a command that was killed left behind.</summary>
    /// <exception cref="PackageException">Another command has it, or it can't be written.</exception>
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

    /// <summary>A folder of its own for what is under way; the caller removes it.</summary>
    public string Stage() => Directory.CreateDirectory(OwnPath(Incoming)).FullName;

    public bool Holds(string name) => Names.Contains(name, StringComparer.Ordinal);

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Moves a whole plugin in, in place of the one of that name.</summary>
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

    /// <summary>Takes a plugin out.</summary>
    /// <exception cref="PackageException">There is none of that name.</exception>
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
            // A command was killed between two renames: the old plugin goes back where nothing has taken its place.
            if (System.IO.Path.GetFileName(path).StartsWith(Replaced, StringComparison.Ordinal)
                && Directory.EnumerateDirectories(path).FirstOrDefault() is { } old
                && !Directory.Exists(PathOf(System.IO.Path.GetFileName(old))))
            {
                Directory.Move(old, PathOf(System.IO.Path.GetFileName(old)));
            }

            DeleteQuietly(path);
        }
    }

    // What can't be deleted (Windows keeps a file that is mapped) is not seen by the host, and goes with the next command.
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
