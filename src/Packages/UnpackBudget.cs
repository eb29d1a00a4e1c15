using System.Globalization;

namespace Sluice.Packages;

/// <summary>
/// Limits how much an installation may unpack. Counts the bytes that are actually unpacked, because the sizes in an archive may be false.
/// </summary>
internal sealed class UnpackBudget(UnpackLimits limits)
{
    private const int BufferSize = 81920;

    private long _bytes;
    private int _entries;

    /// <summary>The most bytes that the installation, and so any single archive, may unpack.</summary>
    public long MaxBytes => limits.MaxBytes;

    /// <summary>Counts the entries of another archive.</summary>
    public void Enter(string archive, int entries)
    {
        _entries += entries;
        if (_entries > limits.MaxEntries)
        {
            throw new PackageException(
                "too-large", string.Create(CultureInfo.InvariantCulture, $"{archive} takes the installation to {_entries} files, and {limits.MaxEntries} are allowed. Pack the plugin without what it does not need."));
        }
    }

    /// <summary>Throws if this many bytes exceed the remaining budget.</summary>
    public void Allow(string archive, long bytes)
    {
        if (_bytes + bytes > limits.MaxBytes)
        {
            throw new PackageException(
                "too-large", string.Create(CultureInfo.InvariantCulture, $"{archive} takes the installation to more than {limits.MaxBytes} bytes unpacked (Plugins:MaxUnpackedBytes). Raise that only for an archive that you trust."));
        }
    }

    /// <summary>Writes one entry to a new file.</summary>
    public async Task UnpackAsync(string archive, Stream content, string target, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            Allow(archive, read);
            _bytes += read;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}

/// <summary>The limits of what an installation may unpack.</summary>
internal sealed record UnpackLimits
{
    public long MaxBytes { get; init; } = 512L * 1024 * 1024;

    public int MaxEntries { get; init; } = 10_000;
}
