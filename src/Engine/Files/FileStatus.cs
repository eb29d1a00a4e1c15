using System.Runtime.InteropServices;

namespace Sluice.Engine.Files;

/// <summary>The kind of file at a path.</summary>
internal enum FileKind
{
    /// <summary>The system does not report it.</summary>
    Unknown,
    Regular,
    Directory,

    /// <summary>Reading it blocks until another process writes.</summary>
    Fifo,
    Socket,

    /// <summary>Reading it may never end.</summary>
    CharacterDevice,
    BlockDevice,

    /// <summary>The symbolic links form a loop, or are too many.</summary>
    LinkLoop,
}

/// <summary>What the system reports about a path without opening it: the identity, kind and size of the file. Follows links.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Size">The size in bytes; 0 for files without a size.</param>
/// <param name="Device">The device that holds it; 0 if the system does not number files.</param>
/// <param name="Inode">The file's number on its device; if the system does not number files, the file's creation time.</param>
internal readonly partial record struct FileStatus(FileKind Kind, long Size, ulong Device, ulong Inode)
{
    // Constants of the kernel's interface (statx(2), inode(7)); they are the same on every architecture.
    private const int CurrentDirectory = -100;
    private const uint BasicStatus = 0x7ff;
    private const int NoEntry = 2;
    private const int NotADirectory = 20;
    private const int TooManyLinks = 40;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int DirectoryType = 0x4000;
    private const int FifoType = 0x1000;
    private const int SocketType = 0xC000;
    private const int CharacterDeviceType = 0x2000;
    private const int BlockDeviceType = 0x6000;
    private const int StatusBytes = 256;
    private const int ModeAt = 28;
    private const int InodeAt = 32;
    private const int SizeAt = 40;
    private const int DeviceAt = 136;

    /// <summary>Returns the status of a path; null if nothing exists there.</summary>
    public static FileStatus? Of(string path) => OperatingSystem.IsLinux() ? OfLinux(path) : OfOthers(path);

    /// <summary>Whether this is the same file as another, even if its size has changed.</summary>
    public bool IsSameFile(FileStatus other) => Device == other.Device && Inode == other.Inode;

    private static FileStatus? OfLinux(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (Statx(CurrentDirectory, path, 0, BasicStatus, ref MemoryMarshal.GetReference(status)) != 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                NoEntry or NotADirectory => null,
                TooManyLinks => new FileStatus(FileKind.LinkLoop, 0, 0, 0),
                _ => default(FileStatus),
            };
        }

        var kind = (BitConverter.ToUInt16(status[ModeAt..]) & TypeMask) switch
        {
            RegularType => FileKind.Regular,
            DirectoryType => FileKind.Directory,
            FifoType => FileKind.Fifo,
            SocketType => FileKind.Socket,
            CharacterDeviceType => FileKind.CharacterDevice,
            BlockDeviceType => FileKind.BlockDevice,
            _ => FileKind.Unknown,
        };
        return new FileStatus(kind, BitConverter.ToInt64(status[SizeAt..]), BitConverter.ToUInt64(status[DeviceAt..]), BitConverter.ToUInt64(status[InodeAt..]));
    }

    private static FileStatus? OfOthers(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStatus(FileKind.Regular, file.Length, 0, (ulong)file.CreationTimeUtc.Ticks)
            : Directory.Exists(path) ? new FileStatus(FileKind.Directory, 0, 0, 0)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte status);
}
