using System.Collections.Immutable;
using System.IO.Compression;

namespace Sluice.Engine.Plugins.Packages;

/// <summary>A zip file, every entry of which was looked at before anything is unpacked. A package is one, too.</summary>
internal sealed class Archive : IDisposable
{
    private const int UnixTypeMask = 0xF000;
    private const int UnixLink = 0xA000;
    private const int UnixFile = 0x8000;

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

    /// <summary>The names of the files, with <c>/</c> between their parts.</summary>
    public ImmutableArray<string> Files { get; }

    /// <exception cref="PackageException">It is no archive, or one that must not be unpacked.</exception>
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

    /// <summary>Unpacks the files below a folder of the archive, without its name.</summary>
    /// <param name="prefix">The folder's name with <c>/</c> at its end; empty for all.</param>
    /// <param name="folder">Where to.</param>
    public async Task UnpackAsync(string prefix, string folder, CancellationToken cancellationToken)
    {
        foreach (var entry in _zip.Entries)
        {
            var path = entry.FullName.Replace('\\', '/');
            if (path.EndsWith('/') || !path.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            try
            {
                await using var content = await entry.OpenAsync(cancellationToken);
                await _budget.UnpackAsync(Name, content, Path.Combine(folder, path[prefix.Length..]), cancellationToken);
            }
            catch (InvalidDataException exception)
            {
                throw Corrupt(Name, exception);
            }
        }
    }

    public void Dispose() => _zip.Dispose();

    public static PackageException Corrupt(string name, Exception cause) =>
        new("corrupt", $"{name} is damaged, or no zip file: {cause.Message} Download or pack it again.", cause);

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
