using Sluice.Engine.Definitions;

namespace Sluice.Engine.Journal;

/// <summary>What a sweep knows from the sweeps before it, so that it need not look at every run again.</summary>
internal sealed class RetentionProgress
{
    // A run ends some time after it began, and its age counts from its end: one that takes longer than this waits for the next look at all runs.
    private static readonly TimeSpan UsualDuration = TimeSpan.FromHours(1);

    private readonly Dictionary<TimeSpan, RunId> _agedTo = [];
    private readonly Dictionary<string, long> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _arrived = new(StringComparer.Ordinal);
    private Dictionary<string, RetentionSettings> _bounds = [];
    private DateTimeOffset _nextWhole = DateTimeOffset.MinValue;

    /// <summary>Whether the current sweep looks at all runs.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The number of the last run that was counted.</summary>
    public long LastRun { get; private set; }

    /// <summary>How many runs there are.</summary>
    public long Runs { get; private set; }

    /// <summary>The last of the oldest runs that were deleted or could not be; null from the first on.</summary>
    public RunId? OldestLookedAt { get; set; }

    /// <summary>Whether the next sweep looks at all runs, because it is time or a bound has changed. Resets itself.</summary>
    public bool IsWholeDue(DateTimeOffset now, IReadOnlyDictionary<string, RetentionSettings> bounds)
    {
        IsWhole = false;
        return now >= _nextWhole || bounds.Count != _bounds.Count || bounds.Any(workflow => _bounds.GetValueOrDefault(workflow.Key) != workflow.Value);
    }

    /// <summary>Forgets everything: the current sweep looks at all runs.</summary>
    public void Reset(IReadOnlyDictionary<string, RetentionSettings> bounds)
    {
        (IsWhole, LastRun, Runs, OldestLookedAt) = (true, 0, 0, null);
        (_nextWhole, _bounds) = (DateTimeOffset.MinValue, bounds.ToDictionary(StringComparer.Ordinal));
        _agedTo.Clear();
        _kept.Clear();
        _arrived.Clear();
    }

    /// <summary>Says that the current sweep has looked at all runs. One that failed before leaves that to the next.</summary>
    public void EndWhole(DateTimeOffset nextWhole) => _nextWhole = nextWhole;

    /// <summary>Adds the runs that came since the last count.</summary>
    public void Add(RunCounts counts)
    {
        LastRun = counts.Last;
        foreach (var (workflow, runs) in counts.ByWorkflow)
        {
            Runs += runs;
            if (_bounds.ContainsKey(workflow))
            {
                _arrived[workflow] = _arrived.GetValueOrDefault(workflow) + runs;
            }
        }
    }

    /// <summary>At most how many runs of a workflow are beyond its bounds. Of one with a bound of bytes, that may be all that came since its last walk.</summary>
    public long MostExcess(string workflow, RetentionSettings bounds)
    {
        var arrived = _arrived.GetValueOrDefault(workflow);
        var beyondCount = bounds.Runs is { } most ? Math.Max(0, _kept.GetValueOrDefault(workflow) + arrived - most) : 0;
        return bounds.Bytes is null ? beyondCount : Math.Max(beyondCount, arrived);
    }

    /// <summary>All workflows were looked at, and this many runs of each are within its bounds.</summary>
    public void NoteWalk(IEnumerable<string> workflows, IReadOnlyDictionary<string, long> kept)
    {
        foreach (var workflow in workflows)
        {
            _arrived.Remove(workflow);
            _kept[workflow] = kept.GetValueOrDefault(workflow);
        }
    }

    public void NoteDeleted(int runs) => Runs -= runs;

    /// <summary>Up to which run those beyond an age were deleted, as far as they could be; null for none.</summary>
    public RunId? AgedTo(TimeSpan age) => _agedTo.TryGetValue(age, out var run) ? run : null;

    public void NoteAged(TimeSpan age, DateTimeOffset now) => _agedTo[age] = RunId.FirstOf(now - age - UsualDuration);
}
