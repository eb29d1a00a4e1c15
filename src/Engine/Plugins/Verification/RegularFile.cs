using Sluice.Engine.Files;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Tells regular files from what only looks like a file: opening a FIFO or a device may block for ever, and reading one may never end.</summary>
internal static class RegularFile
{
    /// <summary>What a path leads to if that is not a regular file: "a FIFO", for a message; null for a regular file. Links are followed.</summary>
    /// <remarks>Whatever else is wrong with it, such as missing permissions, shows when it is opened, which does not block then.</remarks>
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

    /// <exception cref="IrregularFileException">A path leads to something else than a regular file.</exception>
    public static void Require(string folder, string name)
    {
        if (OtherKindOf(Path.Combine(folder, name)) is { } kind)
        {
            throw new IrregularFileException(name, kind);
        }
    }
}

/// <summary>A folder holds something that is not a regular file, and so is not read.</summary>
/// <param name="name">Its name in the folder.</param>
/// <param name="kind">What it is, with its article.</param>
internal sealed class IrregularFileException(string name, string kind)
    : IOException($"The folder holds '{name}', which is {kind}. A plugin consists of regular files. Remove it or replace it with a regular file.");
