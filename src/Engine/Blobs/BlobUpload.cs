using System.Security.Cryptography;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Blobs;

/// <summary>The files of one request before its run exists. Disposing it deletes the files unless they were kept.</summary>
internal sealed class BlobUpload : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly BlobStore _store;
    private readonly string _incoming;
    private readonly string _kept;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _taken;
    private bool _isKept;

    internal BlobUpload(BlobStore store, RunId run, string incoming, string kept)
    {
        _store = store;
        Run = run;
        _incoming = incoming;
        _kept = kept;
    }

    /// <summary>The run that will own the files.</summary>
    public RunId Run { get; }

    /// <summary>
    /// Writes one file; null if it is longer than <paramref name="limit"/> bytes. Then nothing of this upload can be kept.
    /// </summary>
    /// <exception cref="BlobStoreException">There is not enough space. Exceptions of <paramref name="content"/> are passed on
    /// unchanged.</exception>
    public async Task<Blob?> WriteAsync(string? name, string contentType, Stream content, long limit, CancellationToken cancellationToken)
    {
        var id = BlobStore.NewId();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = Create(id);
        long size = 0;
        while (await content.ReadAsync(_buffer, cancellationToken) is var read and > 0)
        {
            size += read;
            if (size > limit)
            {
                return null;
            }

            hash.AppendData(_buffer, 0, read);
            _store.Take(read);
            _taken += read;
            await BlobIo.TryAsync(() => file.WriteAsync(_buffer.AsMemory(0, read), cancellationToken));
        }

        await BlobIo.TryAsync(() => new ValueTask(Task.Run(() => file.Flush(flushToDisk: true), cancellationToken)));
        return new Blob(id, name, contentType, size, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>
    /// Moves the files durably to the run. Call it before the run becomes durable, so that no durable run lacks its files.
    /// </summary>
    /// <exception cref="BlobStoreException">The files can't be kept.</exception>
    public async ValueTask KeepAsync()
    {
        await BlobIo.TryAsync(() => new ValueTask(Task.Run(() =>
        {
            FolderSync.Flush(_incoming);
            Directory.Move(_incoming, _kept);
            FolderSync.Flush(Path.GetDirectoryName(_kept)!);
        })));
        _isKept = true;
    }

    /// <summary>Deletes kept files with the request after all, because their run will not be created.</summary>
    public void Discard() => _isKept = false;

    public void Dispose()
    {
        if (_isKept)
        {
            return;
        }

        foreach (var folder in new[] { _incoming, _kept }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        _store.GiveBack(_taken);
    }

    private FileStream Create(string id) => BlobIo.Try(() =>
    {
        Directory.CreateDirectory(_incoming);
        return new FileStream(Path.Combine(_incoming, id), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
    });
}
