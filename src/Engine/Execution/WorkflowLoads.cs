using System.Collections.Concurrent;

namespace Sluice.Engine.Execution;

/// <summary>How many runs of each workflow are active, in all of its versions.</summary>
internal sealed class WorkflowLoads
{
    private readonly ConcurrentDictionary<string, WorkflowLoad> _loads = new(StringComparer.Ordinal);

    public WorkflowLoad Of(string workflow) => _loads.GetOrAdd(workflow, static _ => new WorkflowLoad());
}

/// <summary>How many runs of one workflow are active.</summary>
internal sealed class WorkflowLoad
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one more, whatever the bound.</summary>
    public void Enter() => Interlocked.Increment(ref _count);

    /// <summary>Counts one more where fewer than <paramref name="most"/> are counted.</summary>
    public bool TryEnter(int most)
    {
        for (var count = Count; count < most; count = Count)
        {
            if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
            {
                return true;
            }
        }

        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
