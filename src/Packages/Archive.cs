using System.Collections.Immutable;
using System.IO.Compression;
using System.IO.Hashing;

namespace Sluice.Packages;

/// <summary>A zip file, such as a package, whose entries are all checked before anything is unpacked.</summary>
internal sealed class Archive : IDisposable
{
    private const int UnixTypeMask = 0xF000;
    private const int UnixLink = 0xA000;
    private const int UnixFile = 0x8000;

    private const int BufferSize = 81920;

    private readonly ZipArchive _zip;
    private readonly UnpackBudget _budget;

    private Archive(string name, ZipArchive zip, UnpackBudget budget)
    {
        Name = name;
        _zip = zip;
        _budget = budget;
        Files = [.. zip.Entries.Select(entry => entry.FullName.Replace('\\', '/')).Where(path => !path.EndsWith('/'))];
    }

    /// <summary>The file name, for messages.</summary>
    public string Name { get; }

    /// <summary>The names of the files, with <c>/</c> as the separator.</summary>
    public ImmutableArray<string> Files { get; }

    /// <exception cref="PackageException">It is not an archive, or must not be unpacked.</exception>
    public static Archive Open(string path, UnpackBudget budget)
    {
        var name = Path.GetFileName(path);
        ZipArchive? zip = null;
        try
        {
            zip = ZipFile.OpenRead(path);
            budget.Enter(name, zip.Entries.Count);
            Check(name, zip);
            return new Archive(name, zip, budget);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            zip?.Dispose();
            throw Corrupt(name, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackageException("unreadable", $"{path} can't be read: {exception.Message} Check the path and its permissions.", exception);
        }
        catch
        {
            zip?.Dispose();
            throw;
        }
    }

    /// <summary>Reads every entry once to verify its length and checksum, which the zip library does not check.</summary>
    /// <exception cref="PackageException">An entry is damaged, or exceeds what the installation may unpack.</exception>
    public async Task CheckContentAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        var total = 0L;
        foreach (var entry in _zip.Entries)
        {
            var checksum = new Crc32();
            var length = 0L;
            try
            {
                await using var content = await entry.OpenAsync(cancellationToken);
                int read;
                while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    length += read;
                    _budget.Allow(Name, total + length);
                    checksum.Append(buffer.AsSpan(0, read));
                }
            }
            catch (InvalidDataException exception)
            {
                throw Corrupt(Name, exception);
            }

            total += length;
            if (length != entry.Length || checksum.GetCurrentHashAsUInt32() != entry.Crc32)
            {
                throw Corrupt(Name, new InvalidDataException($"The checksum of '{entry.FullName}' is wrong."));
            }
        }
    }

    /// <summary>Unpacks the files below a folder of the archive, without the folder's name. Their content must have been checked.</summary>
    /// <param name="prefix">The folder's name with a trailing <c>/</c>; empty for all.</param>
    /// <param name="folder">The target folder.</param>
    public async Task UnpackAsync(string prefix, string folder, CancellationToken cancellationToken)
    {
        foreach (var entry in _zip.Entries)
        {
            var path = entry.FullName.Replace('\\', '/');
            if (path.EndsWith('/') || !path.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            await using var content = await entry.OpenAsync(cancellationToken);
            await _budget.UnpackAsync(Name, content, Path.Combine(folder, path[prefix.Length..]), cancellationToken);
        }
    }

    public void Dispose() => _zip.Dispose();

    private static PackageException Corrupt(string name, Exception cause) =>
        new("corrupt", $"{name} is damaged or not a zip file: {cause.Message} Download or pack it again.", cause);

    private static void Check(string name, ZipArchive zip)
    {
        foreach (var entry in zip.Entries)
        {
            if (((entry.ExternalAttributes >> 16) & UnixTypeMask) is not (0 or UnixFile) and var type && !entry.FullName.EndsWith('/'))
            {
                var what = type == UnixLink ? "a link" : "no plain file";
                throw new PackageException("leaves-folder", $"{name} holds '{entry.FullName}', which is {what}. Pack it again with plain files only.");
            }

            if (entry.IsEncrypted)
            {
                throw new PackageException("encrypted", $"{name} is encrypted. Pack it again without a password.");
            }
        }

        EntryPath.CheckTogether(name, [.. zip.Entries.Select(entry => EntryPath.Checked(name, entry.FullName))]);
    }
}
