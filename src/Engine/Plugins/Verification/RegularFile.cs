using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Tells regular files from what only looks like a file: opening a FIFO or a device may block for ever, and reading one may never end.</summary>
/// <remarks>
/// .NET has no way to ask without opening the file. On Linux the kernel is asked; elsewhere everything but a link that leads nowhere counts as
/// regular, and the caller's deadline is the bound.
/// </remarks>
internal static partial class RegularFile
{
    // struct statx, the same on every architecture: stx_mode is 16 bits at offset 28.
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int CurrentDirectory = -100;
    private const uint WithType = 0x1;

    private const int TypeBits = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>What a path leads to if that is not a regular file: "a FIFO", for a message; null for a regular file. Links are followed.</summary>
    public static string? OtherKindOf(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileInfo(path) is { Exists: false, LinkTarget: not null } ? "a link that leads nowhere" : null;
        }

        Span<byte> facts = stackalloc byte[StatxSize];
        return Statx(CurrentDirectory, path, flags: 0, WithType, ref MemoryMarshal.GetReference(facts)) == 0
            ? KindOf(BinaryPrimitives.ReadUInt16LittleEndian(facts[ModeOffset..]) & TypeBits)
            : FailureOf(path, Marshal.GetLastPInvokeError());
    }

    /// <exception cref="IrregularFileException">A path leads to something else than a regular file.</exception>
    public static void Require(string folder, string name)
    {
        if (OtherKindOf(Path.Combine(folder, name)) is { } kind)
        {
            throw new IrregularFileException(name, kind);
        }
    }

    private static string? KindOf(int type) => type switch
    {
        Regular => null,
        0x1000 => "a FIFO",
        0xC000 => "a socket",
        0x2000 => "a character device",
        0x6000 => "a block device",
        0x4000 => "a folder",
        _ => "no regular file",
    };

    // Whatever else is wrong with it, such as missing permissions, shows when it is opened, which does not block then.
    private static string? FailureOf(string path, int error) => error switch
    {
        2 when new FileInfo(path).LinkTarget is not null => "a link that leads nowhere",
        40 => "a link that leads in a circle",
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte facts);
}

/// <summary>A folder holds something that is not a regular file, and so is not read.</summary>
/// <param name="name">Its name in the folder.</param>
/// <param name="kind">What it is, with its article.</param>
internal sealed class IrregularFileException(string name, string kind)
    : IOException($"The folder holds '{name}', which is {kind}. A plugin is made of regular files; remove it, or put a regular file in its place.");
