using System.Text;

namespace Sluice.Engine.Files;

/// <summary>Why a file can't be read.</summary>
internal enum FileFault
{
    /// <summary>It is a FIFO, a socket, a device or a directory.</summary>
    NotRegular,
    TooLarge,
    NotUtf8,

    /// <summary>It does not exist, or the user may not read it.</summary>
    Unreadable,
}

/// <summary>Thrown if a file can't or must not be read.</summary>
internal sealed class UnfitFileException(FileFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    public FileFault Fault => fault;
}

/// <summary>Reads files that users put into the host's folders: only regular files of bounded size, so that reading always ends.</summary>
internal static class FileText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the bytes of a regular file.</summary>
    /// <param name="path">The file. Links are followed.</param>
    /// <param name="most">The maximum size in bytes.</param>
    /// <exception cref="UnfitFileException">It is not a regular file, is too large, or can't be read.</exception>
    public static byte[] ReadRegular(string path, int most) => FileStatus.Of(path) switch
    {
        null => throw new UnfitFileException(FileFault.Unreadable, "it does not exist"),
        { Kind: FileKind.Directory } => throw new UnfitFileException(FileFault.NotRegular, "it is a directory and not a regular file"),
        { Kind: FileKind.Fifo or FileKind.Socket or FileKind.CharacterDevice or FileKind.BlockDevice } => throw new UnfitFileException(FileFault.NotRegular, "it is a FIFO, a socket or a device and not a regular file"),
        _ => Read(path, most),
    };

    /// <summary>Reads the bytes of a file of any kind, including a shell's FIFO.</summary>
    /// <exception cref="UnfitFileException">It can't be read, or is longer than <paramref name="most"/> bytes.</exception>
    public static byte[] Read(string path, int most)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            // The reported size is not reliable: a file may grow, and some files report none.
            var buffer = new byte[64 * 1024];
            while (file.Read(buffer) is var read and > 0)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > most)
                {
                    throw new UnfitFileException(FileFault.TooLarge, $"it has more than {most} bytes");
                }
            }

            return bytes.ToArray();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            throw new UnfitFileException(FileFault.Unreadable, $"it can't be read: {failure.Message}", failure);
        }
    }

    /// <exception cref="UnfitFileException">The bytes are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException failure)
        {
            throw new UnfitFileException(FileFault.NotUtf8, $"it is not valid UTF-8 at byte {failure.Index + 1}", failure);
        }
    }
}
