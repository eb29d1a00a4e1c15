using System.Diagnostics.CodeAnalysis;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Limits the memory for bodies of incoming requests and active runs.</summary>
/// <remarks>
/// Without it, many callers with one large body each could use all memory, none of them beyond its own limit. Counted is the memory of the
/// received bytes once parsed (<see cref="BodyWeight"/>), so announcing a length takes no room. Large bodies also take turns after they are
/// received: each is copied and parsed in arrays of megabytes, and hundreds of these at once would make the garbage collector stop every
/// thread again and again.
/// </remarks>
/// <param name="most">The maximum for all bodies together.</param>
/// <param name="turns">The number of large bodies that are parsed at once; null for half the number of processors.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle has nothing to dispose.")]
internal sealed class BodyMemory(long most, int? turns = null)
{
    public long Most => most;

    /// <summary>A body with more bytes waits for its turn.</summary>
    public const int LargeBytes = 128 * 1024;

    private readonly SemaphoreSlim _turns = new(turns ?? Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>A body of up to this many bytes is not counted: the limit of runs covers it.</summary>
    public const int UncountedBytes = 16 * 1024;

    private long _held;

    public long Held => Interlocked.Read(ref _held);

    /// <summary>Creates the share of one request, which is empty at first.</summary>
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

    internal Task TakeTurnAsync(CancellationToken cancellationToken) => _turns.WaitAsync(cancellationToken);

    internal void EndTurn() => _turns.Release();

    internal void Give(long bytes) => Interlocked.Add(ref _held, -bytes);
}

/// <summary>
/// The share of the <see cref="BodyMemory"/> that one request, and then its run, holds. Not thread-safe; may be disposed more than once.
/// </summary>
internal sealed class BodyShare(BodyMemory memory) : IDisposable
{
    private long _bytes;
    private bool _hasTurn;

    /// <summary>The maximum for all shares together.</summary>
    public long Most => memory.Most;

    /// <summary>Takes this many more bytes; false, and takes nothing, if there is no room.</summary>
    public bool TryAdd(long bytes) => TryGrowTo(_bytes + bytes);

    /// <summary>Grows the share to this many bytes; false, and takes nothing, if there is no room.</summary>
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

    /// <summary>Shrinks the share to this many bytes.</summary>
    public void ShrinkTo(long bytes)
    {
        if (_bytes > bytes)
        {
            memory.Give(Counted(_bytes) - Counted(bytes));
            _bytes = bytes;
        }
    }

    /// <summary>Waits for the turn to parse a large body; returns at once if the request has it already.</summary>
    public async ValueTask TakeTurnAsync(CancellationToken cancellationToken)
    {
        if (!_hasTurn)
        {
            await memory.TakeTurnAsync(cancellationToken);
            _hasTurn = true;
        }
    }

    /// <summary>Ends the turn, if there is one: the body is parsed, or the request is rejected.</summary>
    public void EndTurn()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            memory.EndTurn();
        }
    }

    private static long Counted(long bytes) => bytes > BodyMemory.UncountedBytes ? bytes : 0;

    public void Dispose() => ShrinkTo(0);
}

/// <summary>The memory for bodies is used up.</summary>
internal sealed class BodyMemoryFullException() : Exception("The memory for bodies is used up.");
