using System.Buffers;
using Sluice.Engine.Blobs;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Stores bytes of unknown length: in memory at first, then in a scratch file.</summary>
/// <param name="blobs">The store of the scratch file.</param>
/// <param name="limit">The maximum number of bytes.</param>
/// <param name="share">The request's share of the memory.</param>
/// <param name="staysInMemory">Whether the bytes must stay in memory, because they outlive the spool.</param>
internal sealed class Spool(BlobStore blobs, int limit, BodyShare share, bool staysInMemory = false) : IDisposable
{
    /// <summary>The number of bytes that stay in memory without being counted.</summary>
    public const int FewBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _memory = new();
    private ScratchFile? _file;
    private int _length;

    /// <summary>Appends bytes; false if the limit is exceeded.</summary>
    /// <exception cref="BlobStoreException">The disk has no space.</exception>
    /// <exception cref="BodyMemoryFullException">They must stay in memory, and there is no room.</exception>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length > limit - _length)
        {
            return false;
        }

        _length += bytes.Length;
        if (_file is null && HasRoomInMemory(bytes.Length))
        {
            _memory.Write(bytes.Span);
            return true;
        }

        if (_file is null)
        {
            _file = blobs.NewScratch();
            await _file.WriteAsync(_memory.WrittenMemory, cancellationToken);
            _memory.Clear();
        }

        await _file.WriteAsync(bytes, cancellationToken);
        return true;
    }

    // If the memory limit is reached, bytes that may be on disk go there.
    private bool HasRoomInMemory(int more)
    {
        if (staysInMemory)
        {
            return share.TryAdd(more) ? true : throw new BodyMemoryFullException();
        }

        return _length <= FewBytes && share.TryAdd(more);
    }

    /// <summary>All bytes; must not be used after this is disposed.</summary>
    public ReadOnlyMemory<byte> Read() => _file?.Read() ?? _memory.WrittenMemory;

    public void Dispose() => _file?.Dispose();
}
