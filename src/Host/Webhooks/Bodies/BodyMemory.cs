namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Bounds the memory that the bodies of incoming requests and active runs take.</summary>
/// <remarks>
/// Without it many callers with a large body each could take all memory there is, with none of them past its own bound. What counts is the memory
/// that the received bytes take once parsed (<see cref="BodyWeight"/>), so that nobody takes room by announcing a length.
/// </remarks>
internal sealed class BodyMemory(long most)
{
    public long Most => most;

    /// <summary>A body of so many bytes is not counted: the bound on runs bounds these as well.</summary>
    public const int UncountedBytes = 16 * 1024;

    private long _held;

    public long Held => Interlocked.Read(ref _held);

    /// <summary>The share of one request; empty at first.</summary>
    public BodyShare NewShare() => new(this);

    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= most)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    internal void Give(long bytes) => Interlocked.Add(ref _held, -bytes);
}

/// <summary>What one request holds of the <see cref="BodyMemory"/>, and after it its run. For one thread at a time; may be disposed again.</summary>
internal sealed class BodyShare(BodyMemory memory) : IDisposable
{
    private long _bytes;

    /// <summary>The most that all shares together may take.</summary>
    public long Most => memory.Most;

    /// <summary>Takes so many bytes more; false, and nothing taken, where there is no room for them.</summary>
    public bool TryAdd(long bytes) => TryGrowTo(_bytes + bytes);

    /// <summary>Takes what is lacking to so many bytes; false, and nothing taken, where there is no room for that.</summary>
    public bool TryGrowTo(long bytes)
    {
        if (bytes > _bytes)
        {
            if (!memory.TryTake(Counted(bytes) - Counted(_bytes)))
            {
                return false;
            }

            _bytes = bytes;
        }

        return true;
    }

    /// <summary>Gives back what is above so many bytes.</summary>
    public void ShrinkTo(long bytes)
    {
        if (_bytes > bytes)
        {
            memory.Give(Counted(_bytes) - Counted(bytes));
            _bytes = bytes;
        }
    }

    private static long Counted(long bytes) => bytes > BodyMemory.UncountedBytes ? bytes : 0;

    public void Dispose() => ShrinkTo(0);
}

/// <summary>All the memory that bodies may take is taken.</summary>
internal sealed class BodyMemoryFullException() : Exception("All the memory that bodies may take is taken.");
