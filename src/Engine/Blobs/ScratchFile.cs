namespace Sluice.Engine.Blobs;

/// <summary>A temporary file of a request: written once, then read as memory, and deleted when disposed.</summary>
internal sealed class ScratchFile : IDisposable
{
    private readonly BlobStore _store;
    private readonly FileStream _file;
    private MappedBytes? _mapped;
    private long _size;

    internal ScratchFile(BlobStore store, string path)
    {
        _store = store;
        _file = BlobIo.Try(() => new FileStream(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous | FileOptions.DeleteOnClose));
    }

    /// <exception cref="BlobStoreException">There is not enough space.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _store.Take(bytes.Length);
        _size += bytes.Length;
        return BlobIo.TryAsync(() => _file.WriteAsync(bytes, cancellationToken));
    }

    /// <summary>Everything that was written, paged in from disk on access. Must not be used after this is disposed.</summary>
    public ReadOnlyMemory<byte> Read() => _size == 0 ? default : (_mapped ??= new MappedBytes(_file, checked((int)_size))).Memory;

    public void Dispose()
    {
        ((IDisposable?)_mapped)?.Dispose();
        _file.Dispose();
        _store.GiveBack(_size);
    }
}
