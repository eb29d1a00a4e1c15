using Sluice.Engine.Threading;

namespace Sluice.Engine.Execution;

/// <summary>The runs that wait in the journal until the host has room: how many there are, and whether one more is accepted.</summary>
/// <remarks>The runs themselves are in the journal alone.</remarks>
internal sealed class Backlog(int max)
{
    private readonly Recurrence _changed = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool IsFull => Count >= max;

    /// <summary>Completes when next a run is stored, or the host has more room while some wait.</summary>
    public Task Changed => _changed.Next;

    /// <summary>One more is about to be stored.</summary>
    public void Add() => Interlocked.Increment(ref _count);

    /// <summary>It is stored.</summary>
    public void NoteStored() => _changed.Signal();

    /// <summary>A run has left the active ones. Costs nothing while none waits.</summary>
    public void NoteRoom()
    {
        if (Count > 0)
        {
            _changed.Signal();
        }
    }

    /// <summary>One waits no longer, or could not be stored.</summary>
    public void Remove() => Interlocked.Decrement(ref _count);

    /// <summary>So many wait from before the start.</summary>
    public void Restore(int count) => Interlocked.Add(ref _count, count);
}
