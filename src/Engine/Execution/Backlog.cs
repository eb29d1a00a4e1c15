namespace Sluice.Engine.Execution;

/// <summary>The runs that wait in the journal for a place among those under way: how many there are, and whether one more is taken.</summary>
/// <remarks>The runs themselves are in the journal alone.</remarks>
internal sealed class Backlog(int max)
{
    private int _count;

    /// <summary>Raised, maybe on a thread of the journal's, when a run waits durably; handlers return at once.</summary>
    public event Action? Grew;

    public int Count => Volatile.Read(ref _count);

    public bool IsFull => Count >= max;

    /// <summary>One more is about to be stored.</summary>
    public void Add() => Interlocked.Increment(ref _count);

    /// <summary>It is stored.</summary>
    public void Announce() => Grew?.Invoke();

    /// <summary>One waits no longer, or could not be stored.</summary>
    public void Remove() => Interlocked.Decrement(ref _count);

    /// <summary>So many wait from before the start.</summary>
    public void Restore(int count) => Interlocked.Add(ref _count, count);
}
