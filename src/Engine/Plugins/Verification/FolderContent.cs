using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Lists and hashes the files of a folder.</summary>
internal static class FolderContent
{
    private const int PieceBytes = 128 * 1024;

    /// <summary>
    /// Returns relative names with <c>/</c>, in ordinal order. Links to folders are not followed, because they may form loops.
    /// </summary>
    public static ImmutableArray<string> List(string folder)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var found = new FileSystemEnumerable<string>(root, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = false,
        })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        return [.. found.Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];
    }

    /// <summary>Returns the first file of a list that is not a regular one; null if all are.</summary>
    public static IrregularFileException? FirstIrregular(string folder, ImmutableArray<string> files)
    {
        foreach (var name in files)
        {
            if (RegularFile.OtherKindOf(Path.Combine(folder, name)) is { } kind)
            {
                return new IrregularFileException(name, kind);
            }
        }

        return null;
    }

    /// <summary>Returns the SHA-256 of each file's name, length and bytes, in the order of the names, in lowercase hexadecimal.</summary>
    /// <exception cref="IrregularFileException">It contains a file that is not regular.</exception>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in List(folder))
        {
            RegularFile.Require(folder, name);
            Append(hash, folder, name);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // In chunks, because a plugin may contain a model of several gigabytes.
    private static void Append(IncrementalHash hash, string folder, string name)
    {
        using var file = File.OpenHandle(Path.Combine(folder, name), options: FileOptions.SequentialScan);
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, RandomAccess.GetLength(file));
        hash.AppendData(Encoding.UTF8.GetBytes(name + '\0'));
        hash.AppendData(prefix);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            long done = 0;
            while (RandomAccess.Read(file, piece, done) is var read and > 0)
            {
                hash.AppendData(piece.AsSpan(0, read));
                done += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
