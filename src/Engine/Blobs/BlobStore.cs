using System.Security.Cryptography;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Blobs;

/// <summary>Stores the files that callers upload, in one folder per run below the data directory.</summary>
/// <remarks>
/// Laws: A blob is durable before the run that refers to it. A lookup needs both the run and the id, so a made-up id, or the id of another
/// run's blob, finds nothing. No string that a caller chose is ever part of a path. A blob that no run owns is deleted with its request, or
/// at the next start.
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

    /// <summary>The bytes in the store, including uploads in progress.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>
    /// Opens the store of a locked data directory, and deletes the uploads that were in progress when the host last stopped.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="maxBytes">The most bytes that the store may hold.</param>
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

    /// <summary>Creates a temporary file for a request; deleted when disposed.</summary>
    public ScratchFile NewScratch() => new(this, Path.Combine(_incoming, NewId()));

    /// <summary>Finds a blob of a run; null if the run has no blob with this id.</summary>
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

    /// <summary>Reserves space for bytes that are about to be written.</summary>
    /// <exception cref="BlobStoreException">There is not enough space.</exception>
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
