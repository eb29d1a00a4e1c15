using Sluice.Engine.Files;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Detects files that are not regular: opening a FIFO or a device may block forever, and reading one may never end.</summary>
internal static class RegularFile
{
    /// <summary>
    /// Returns what a path leads to if that is not a regular file ("a FIFO", for a message); null for a regular file. Follows links.
    /// </summary>
    /// <remarks>Other problems, such as missing permissions, appear when the file is opened, which does not block then.</remarks>
    public static string? OtherKindOf(string path) => FileStatus.Of(path)?.Kind switch
    {
        null => new FileInfo(path).LinkTarget is null ? null : "a link that leads nowhere",
        FileKind.Fifo => "a FIFO",
        FileKind.Socket => "a socket",
        FileKind.CharacterDevice => "a character device",
        FileKind.BlockDevice => "a block device",
        FileKind.Directory => "a folder",
        FileKind.LinkLoop => "a link that leads in a circle",
        _ => null,
    };

    /// <exception cref="IrregularFileException">A path does not lead to a regular file.</exception>
    public static void Require(string folder, string name)
    {
        if (OtherKindOf(Path.Combine(folder, name)) is { } kind)
        {
            throw new IrregularFileException(name, kind);
        }
    }
}

/// <summary>Thrown if a folder contains a file that is not regular, so it is not read.</summary>
/// <param name="name">Its name in the folder.</param>
/// <param name="kind">Its kind, with an article.</param>
internal sealed class IrregularFileException(string name, string kind)
    : IOException($"The folder holds '{name}', which is {kind}. A plugin consists of regular files. Remove it or replace it with a regular file.");
