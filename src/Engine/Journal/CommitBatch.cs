namespace Sluice.Engine.Journal;

/// <summary>What one transaction writes: runs, each taken as late as possible, and other changes. Used again for each batch.</summary>
/// <remarks>What a run appends before it is taken is written with it, so a run that has just ended is written once.</remarks>
internal sealed class CommitBatch
{
    private readonly List<(RunLog Log, PendingWrite Write)> _taken = [];
    private List<RunLog> _logs = [];
    private int _next;
    private int _end;

    /// <summary>The other changes, to be performed after the runs are written.</summary>
    public IReadOnlyList<WriteJob> Jobs { get; private set; } = [];

    /// <summary>The writes that were settled and whose observers must be told.</summary>
    public List<PendingWrite> Settled { get; set; } = [];

    /// <summary>Takes the next run with what it wants written; false after the last.</summary>
    public bool TryTake(out RunLog log, out PendingWrite write)
    {
        while (_next < _end)
        {
            log = _logs[_next++];
            if (log.Take() is { } taken)
            {
                write = taken;
                _taken.Add((log, taken));
                return true;
            }
        }

        (log, write) = (null!, null!);
        return false;
    }

    /// <summary>Refuses a run that was taken: nothing of it is in the transaction, and nothing of it is written any more.</summary>
    public void Refuse(RunLog log, PendingWrite write, Exception failure)
    {
        // Nearly always the last that was taken.
        _taken.RemoveAt(_taken.LastIndexOf((log, write)));
        SettleOne(log, write, failure);
    }

    /// <summary>For the queue: starts a batch of some runs of a list.</summary>
    public void Start(List<RunLog> logs, int first, int count, IReadOnlyList<WriteJob> jobs) =>
        (_logs, _next, _end, Jobs) = (logs, first, first + count, jobs);

    /// <summary>For the queue: settles all runs that were taken and not refused.</summary>
    /// <param name="failure">Why none of them was written; null if all were.</param>
    public void Settle(Exception? failure)
    {
        foreach (var (log, write) in _taken)
        {
            SettleOne(log, write, failure);
        }

        _taken.Clear();
    }

    private void SettleOne(RunLog log, PendingWrite write, Exception? failure)
    {
        if (failure is not null)
        {
            log.Fail(failure);
        }

        if (write.Settle(failure))
        {
            Settled.Add(write);
        }
    }
}
