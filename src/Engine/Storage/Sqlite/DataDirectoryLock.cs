namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Keeps a second host out of a data directory. The operating system lets go of it when the process ends, however it ends.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "sluice.lock";

    // What the platform reports for a file that somebody else has locked: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private const int HeldOnLinux = 11;
    private const int HeldOnMacOS = 35;
    private const int HeldOnWindows = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <exception cref="DataDirectoryException">Another host has it, or the directory can't be written.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new(new FileStream(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new DataDirectoryException(
                $"The data directory {directory} can't be written by this user. Give the user write access, or name another with --data.", denied);
        }
        catch (IOException held) when (held.HResult is HeldOnLinux or HeldOnMacOS or HeldOnWindows)
        {
            throw new DataDirectoryException(
                $"The data directory {directory} is used by another host: one host, one directory. Stop the other, or name another with --data.", held);
        }
        catch (IOException failed)
        {
            throw new DataDirectoryException(
                $"The data directory {directory} can't be used: {failed.Message} Mend it, or name another with --data.", failed);
        }
    }

    public void Dispose() => _file.Dispose();
}
