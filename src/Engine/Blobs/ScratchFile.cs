namespace Sluice.Engine.Blobs;

/// <summary>A file that a request needs for a while: written first, read as memory then, gone when it is disposed.</summary>
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

    /// <exception cref="BlobStoreException">There is no room for it.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _store.Take(bytes.Length);
        _size += bytes.Length;
        return BlobIo.TryAsync(() => _file.WriteAsync(bytes, cancellationToken));
    }

    /// <summary>All that was written, read from the disk as it is looked at; must not be looked at once this is disposed.</summary>
    public ReadOnlyMemory<byte> Read() => _size == 0 ? default : (_mapped ??= new MappedBytes(_file, checked((int)_size))).Memory;

    public void Dispose()
    {
        ((IDisposable?)_mapped)?.Dispose();
        _file.Dispose();
        _store.GiveBack(_size);
    }
}
