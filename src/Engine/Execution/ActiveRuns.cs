using System.Collections.Concurrent;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>The runs that this host is walking.</summary>
internal sealed class ActiveRuns
{
    private readonly ConcurrentDictionary<RunId, Run> _runs = new();
    private int _count;

    /// <summary>How many runs of each workflow are active.</summary>
    public WorkflowLoads Loads { get; } = new();

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<Run> All => _runs.Select(item => item.Value);

    public bool Contains(RunId id) => _runs.ContainsKey(id);

    public Run? Find(RunId id) => _runs.GetValueOrDefault(id);

    /// <param name="run">The run.</param>
    /// <param name="isCounted">Whether it is in <see cref="Loads"/> already.</param>
    public void Enter(Run run, bool isCounted)
    {
        if (!_runs.TryAdd(run.Id, run))
        {
            run.Dispose();
            throw new InvalidOperationException($"Run {run.Id} is already active; this host took it over from itself.");
        }

        Interlocked.Increment(ref _count);
        if (!isCounted)
        {
            Loads.Of(run.Workflow.Name).Enter();
        }
    }

    public void Leave(Run run)
    {
        _runs.TryRemove(run.Id, out _);
        Interlocked.Decrement(ref _count);
        Loads.Of(run.Workflow.Name).Leave();
    }

    /// <summary>Completes when no run is active.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        while (_runs.Values.FirstOrDefault() is { } run)
        {
            await run.Ended.WaitAsync(cancellationToken);
        }
    }
}
