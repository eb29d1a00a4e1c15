using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Keeps a second host out of a data directory. The operating system releases it when the process ends, however it ends.</summary>
/// <remarks>
/// On Unix the directory itself is locked too: anyone may delete the file while a host runs, and the next host would lock a new one. Windows does not
/// delete a locked file.
/// </remarks>
internal sealed partial class DataDirectoryLock : IDisposable
{
    private const string FileName = "sluice.lock";

    // What the platform reports for a file that somebody else has locked: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private const int HeldOnLinux = 11;
    private const int HeldOnMacOS = 35;
    private const int HeldOnWindows = unchecked((int)0x80070020);

    // flock(2). A child process must not inherit the handle: it would hold the lock after its host has ended.
    private const int Exclusively = 2;
    private const int AtOnce = 4;
    private const int CloseOnExecOnLinux = 0x80000;
    private const int CloseOnExecOnMacOS = 0x1000000;

    private readonly FileStream _file;
    private readonly SafeFileHandle? _directory;

    private DataDirectoryLock(FileStream file, SafeFileHandle? directory) => (_file, _directory) = (file, directory);

    /// <exception cref="DataDirectoryException">Another host has it, or the directory can't be written.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return Take(directory, new FileStream(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new DataDirectoryException(
                $"The data directory {directory} can't be written by this user. Give the user write access, or name another with --data.", denied);
        }
        catch (IOException held) when (held.HResult is HeldOnLinux or HeldOnMacOS or HeldOnWindows)
        {
            throw Used(directory, held);
        }
        catch (IOException failed)
        {
            throw new DataDirectoryException(
                $"The data directory {directory} can't be used: {failed.Message} Mend it, or name another with --data.", failed);
        }
    }

    public void Dispose()
    {
        _directory?.Dispose();
        _file.Dispose();
    }

    private static DataDirectoryLock Take(string directory, FileStream file)
    {
        if (OperatingSystem.IsWindows())
        {
            return new(file, null);
        }

        var handle = Open(directory, OperatingSystem.IsMacOS() ? CloseOnExecOnMacOS : CloseOnExecOnLinux);
        if (!handle.IsInvalid && Flock(handle, Exclusively | AtOnce) == 0)
        {
            return new(file, handle);
        }

        var isHeld = Marshal.GetLastPInvokeError() is HeldOnLinux or HeldOnMacOS;
        handle.Dispose();
        if (isHeld)
        {
            file.Dispose();
            throw Used(directory, null);
        }

        // Some network file systems lock files only.
        return new(file, null);
    }

    private static DataDirectoryException Used(string directory, Exception? cause) =>
        new($"The data directory {directory} is used by another host: one host, one directory. Stop the other, or name another with --data.", cause);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
