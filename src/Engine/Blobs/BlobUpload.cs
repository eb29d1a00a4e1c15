using System.Security.Cryptography;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Blobs;

/// <summary>The files of one request on their way to a run: on the disk, and gone again when this is disposed before they were kept.</summary>
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

    /// <summary>The run that the files will be found by.</summary>
    public RunId Run { get; }

    /// <summary>Writes one file; null where it has more bytes than <paramref name="limit"/>, and then nothing of this upload can be kept.</summary>
    /// <exception cref="BlobStoreException">There is no room for it. What <paramref name="content"/> throws goes up as it is.</exception>
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

    /// <summary>Makes the files the run's, durably. To be done before the run can become durable, so that none is ever without its files.</summary>
    /// <exception cref="BlobStoreException">They can't be kept.</exception>
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

    /// <summary>Files that were kept for a run that will not be go with the request after all.</summary>
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
