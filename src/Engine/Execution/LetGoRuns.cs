using System.Collections.Concurrent;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>The runs that this host let go because the journal could not be written, until it takes them up again: their last owner did not die.</summary>
internal sealed class LetGoRuns
{
    private readonly ConcurrentDictionary<RunId, bool> _runs = new();

    public IReadOnlyList<RunId> All => [.. _runs.Keys];

    public void Add(RunId id) => _runs[id] = true;

    public bool Contains(RunId id) => _runs.ContainsKey(id);

    public void Remove(RunId id) => _runs.TryRemove(id, out _);
}
