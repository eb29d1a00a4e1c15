using System.Buffers;
using Sluice.Engine.Blobs;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Takes bytes of which nobody knows yet how many come: in memory at first, in a scratch file once they are more than a few.</summary>
/// <param name="blobs">Where the scratch file goes.</param>
/// <param name="limit">How many bytes may come.</param>
/// <param name="share">The memory of the request that they are held in.</param>
/// <param name="staysInMemory">Whether they must stay in memory, because they are needed longer than this.</param>
internal sealed class Spool(BlobStore blobs, int limit, BodyShare share, bool staysInMemory = false) : IDisposable
{
    /// <summary>What is held in memory without a second thought.</summary>
    public const int FewBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _memory = new();
    private ScratchFile? _file;
    private int _length;

    /// <summary>Takes more; false where there are more than may come.</summary>
    /// <exception cref="BlobStoreException">The disk has no room.</exception>
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

    // Where the memory is full, what may lie on the disk does.
    private bool HasRoomInMemory(int more)
    {
        if (staysInMemory)
        {
            return share.TryAdd(more) ? true : throw new BodyMemoryFullException();
        }

        return _length <= FewBytes && share.TryAdd(more);
    }

    /// <summary>All that came; must not be looked at once this is disposed.</summary>
    public ReadOnlyMemory<byte> Read() => _file?.Read() ?? _memory.WrittenMemory;

    public void Dispose() => _file?.Dispose();
}
