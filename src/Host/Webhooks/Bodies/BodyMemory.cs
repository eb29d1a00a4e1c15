using System.Diagnostics.CodeAnalysis;

namespace Sluice.Host.Webhooks.Bodies;

/// <summary>Bounds the memory that the bodies of incoming requests and active runs take.</summary>
/// <remarks>
/// Without it many callers with a large body each could take all memory there is, with none of them past its own bound. What counts is the memory
/// that the received bytes take once parsed (<see cref="BodyWeight"/>), so that nobody takes room by announcing a length.
/// Large bodies also take turns once they are received: each is copied and parsed in arrays of megabytes, and hundreds of these at once would have the
/// garbage collector stop every thread again and again.
/// </remarks>
/// <param name="most">The most that all bodies together may take.</param>
/// <param name="turns">How many large bodies may have a turn; null for half as many as there are processors.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose.")]
internal sealed class BodyMemory(long most, int? turns = null)
{
    public long Most => most;

    /// <summary>A body of more bytes takes a turn.</summary>
    public const int LargeBytes = 128 * 1024;

    private readonly SemaphoreSlim _turns = new(turns ?? Math.Max(1, Environment.ProcessorCount / 2));

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

    internal Task TakeTurnAsync(CancellationToken cancellationToken) => _turns.WaitAsync(cancellationToken);

    internal void EndTurn() => _turns.Release();

    internal void Give(long bytes) => Interlocked.Add(ref _held, -bytes);
}

/// <summary>What one request holds of the <see cref="BodyMemory"/>, and after it its run. For one thread at a time; may be disposed again.</summary>
internal sealed class BodyShare(BodyMemory memory) : IDisposable
{
    private long _bytes;
    private bool _hasTurn;

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

    /// <summary>Waits for the turn to read a large body; at once if the request has it.</summary>
    public async ValueTask TakeTurnAsync(CancellationToken cancellationToken)
    {
        if (!_hasTurn)
        {
            await memory.TakeTurnAsync(cancellationToken);
            _hasTurn = true;
        }
    }

    /// <summary>Ends the turn, if there is one: the body is read, or the request is refused.</summary>
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
