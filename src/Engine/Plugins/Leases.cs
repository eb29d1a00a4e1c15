namespace Sluice.Engine.Plugins;

/// <summary>Counts the calls that use a plugin's version, and lets no more in once it drains. One interlocked operation each way.</summary>
internal sealed class Leases
{
    // The sign bit says "draining"; the other bits count.
    private const int Draining = int.MinValue;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _givenUp;

    /// <summary>The calls that are in.</summary>
    public int Count => Volatile.Read(ref _count) & ~Draining;

    /// <summary>At this many calls that were given up and have not come back, no node of the version is called any more.</summary>
    public const int MostGivenUp = 3;

    /// <summary>The calls that are in and that the host has given up: each may hold a thread until the host ends.</summary>
    public int GivenUp => Volatile.Read(ref _givenUp);

    /// <summary>Notes that one of the calls was given up; says how many are by now.</summary>
    public int GiveUp() => Interlocked.Increment(ref _givenUp);

    /// <summary>Notes that a call that was given up has come back; says how many have not.</summary>
    public int ComeBack() => Interlocked.Decrement(ref _givenUp);

    /// <summary>Completes when the version drains and the last call has left.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Lets a call in, which then must <see cref="Exit"/>; false once the version drains.</summary>
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

    /// <summary>Lets nobody in from now on.</summary>
    public void Drain()
    {
        if (Interlocked.Or(ref _count, Draining) is 0 or Draining)
        {
            _drained.TrySetResult();
        }
    }
}
