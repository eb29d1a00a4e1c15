using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Engine.Blobs;

/// <summary>Makes the names in a folder durable, so that a renamed file keeps its new name after a power failure.</summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The folder can't be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        // NTFS journals names itself, and Windows has no folder handle that could be flushed.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = Open(folder, ReadOnly);
        if (handle.IsInvalid)
        {
            throw new IOException($"{folder} can't be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
