namespace Sluice.Engine.Plugins;

/// <summary>
/// Counts the calls that use a plugin version, and admits no more once it drains. Entering and leaving each take one interlocked operation.
/// </summary>
internal sealed class Leases
{
    // The sign bit means "draining"; the other bits are the count.
    private const int Draining = int.MinValue;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _givenUp;

    /// <summary>The number of active calls.</summary>
    public int Count => Volatile.Read(ref _count) & ~Draining;

    /// <summary>The number of abandoned calls at which the nodes of the version are no longer called.</summary>
    public const int MostGivenUp = 3;

    /// <summary>The active calls that the host has abandoned. Each may hold a thread until the host ends.</summary>
    public int GivenUp => Volatile.Read(ref _givenUp);

    /// <summary>Records that a call was abandoned, and returns the number of abandoned calls.</summary>
    public int GiveUp() => Interlocked.Increment(ref _givenUp);

    /// <summary>Records that an abandoned call has returned, and returns the number of those that have not.</summary>
    public int ComeBack() => Interlocked.Decrement(ref _givenUp);

    /// <summary>Completes when the version drains and the last call has left.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Admits a call, which must call <see cref="Exit"/> at its end; false once the version drains.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) > 0)
        {
            return true;
        }

        Exit();
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref _count) == Draining)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Admits no calls from now on.</summary>
    public void Drain()
    {
        if (Interlocked.Or(ref _count, Draining) is 0 or Draining)
        {
            _drained.TrySetResult();
        }
    }
}
