using System.Collections.Concurrent;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>The runs that this host stopped executing because the journal could not be written, until it continues them: their last owner did not crash.</summary>
internal sealed class DetachedRuns
{
    private readonly ConcurrentDictionary<RunId, bool> _runs = new();
    private readonly ConcurrentDictionary<RunId, bool> _toCancel = new();

    public IReadOnlyList<RunId> All => [.. _runs.Keys];

    public void Add(RunId id) => _runs[id] = true;

    public bool Contains(RunId id) => _runs.ContainsKey(id);

    public void Remove(RunId id) => _runs.TryRemove(id, out _);

    /// <summary>Forgets a run that will not continue, and that it was to be cancelled.</summary>
    public void Forget(RunId id)
    {
        Remove(id);
        TryTakeCancellation(id);
    }

    /// <summary>Notes that a run was detached before it could end as cancelled: it is cancelled when it continues.</summary>
    public void NoteCancellation(RunId id) => _toCancel[id] = true;

    /// <summary>Takes back the note of a cancellation. False if there was none.</summary>
    public bool TryTakeCancellation(RunId id) => _toCancel.TryRemove(id, out _);
}
