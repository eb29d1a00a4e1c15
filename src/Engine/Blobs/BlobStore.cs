using System.Security.Cryptography;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Blobs;

/// <summary>The files that callers sent, on the disk: one folder a run, below the data directory.</summary>
/// <remarks>
/// Laws: a blob is durable before the run that names it. A blob is found by its run and its id together, so whoever makes an id up, or has one of
/// another run, finds nothing. No text that a caller chose is ever a part of a path. What does not become a run's is gone with its request, or at the
/// next start.
/// </remarks>
internal sealed class BlobStore
{
    private readonly string _kept;
    private readonly string _incoming;
    private readonly long _maxBytes;
    private long _bytes;

    private BlobStore(string directory, long maxBytes)
    {
        _kept = Path.Combine(directory, "blobs");
        _incoming = Path.Combine(directory, "incoming");
        _maxBytes = maxBytes;
    }

    /// <summary>How many bytes lie in the store, what is just being received included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Opens the store of a data directory, which is locked, and removes what was being received when the host last ended.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="maxBytes">How many bytes may lie in the store.</param>
    public static BlobStore Open(string directory, long maxBytes)
    {
        var store = new BlobStore(directory, maxBytes);
        if (Directory.Exists(store._incoming))
        {
            Directory.Delete(store._incoming, recursive: true);
        }

        Directory.CreateDirectory(store._incoming);
        Directory.CreateDirectory(store._kept);
        store._bytes = new DirectoryInfo(store._kept).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        return store;
    }

    /// <summary>Begins to receive the files of a run that does not exist yet.</summary>
    public BlobUpload Receive(RunId run) => new(this, run, Path.Combine(_incoming, run.ToString()), FolderOf(run));

    /// <summary>A file for what a request needs for a while; gone when it is disposed.</summary>
    public ScratchFile NewScratch() => new(this, Path.Combine(_incoming, NewId()));

    /// <summary>A blob of a run; null where that run has none of this id.</summary>
    public BlobFile? Find(RunId run, string id)
    {
        if (!IsId(id))
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(FolderOf(run), id));
        return file.Exists ? new BlobFile(file.FullName, file.Length) : null;
    }

    /// <summary>The runs that have blobs.</summary>
    public IEnumerable<RunId> Runs()
    {
        foreach (var folder in new DirectoryInfo(_kept).EnumerateDirectories())
        {
            if (RunId.TryParse(folder.Name, out var run))
            {
                yield return run;
            }
        }
    }

    /// <summary>Deletes all blobs of a run.</summary>
    public void Delete(RunId run)
    {
        var folder = new DirectoryInfo(FolderOf(run));
        var bytes = folder.EnumerateFiles().Sum(file => file.Length);
        folder.Delete(recursive: true);
        GiveBack(bytes);
    }

    internal static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Counts bytes that are about to be written.</summary>
    /// <exception cref="BlobStoreException">There is no room for them.</exception>
    internal void Take(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) > _maxBytes)
        {
            GiveBack(bytes);
            throw new BlobStoreException($"The files of callers take all of the {_maxBytes} bytes that they may (Blobs:MaxBytes).");
        }
    }

    internal void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    private string FolderOf(RunId run) => Path.Combine(_kept, run.ToString());

    private static bool IsId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);
}
