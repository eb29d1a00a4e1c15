namespace Sluice.Engine.Plugins;

/// <summary>Counts the calls that use a plugin's version, and lets no more in once it drains. One interlocked operation each way.</summary>
internal sealed class Leases
{
    // The sign bit says "draining"; the other bits count.
    private const int Draining = int.MinValue;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    /// <summary>The calls that are in.</summary>
    public int Count => Volatile.Read(ref _count) & ~Draining;

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
