namespace Sluice.Engine.Journal;

/// <summary>One run's side of the journal: collects entries until the writer takes them, and tells when they are durable.</summary>
/// <remarks>
/// <see cref="Append(JournalEntry)"/> costs no I/O. <see cref="Commit"/> wakes the writer; <see cref="DurableAsync"/> is the barrier. Entries that
/// were appended between a commit and the writer's coming travel with it, so a run that ends right after its reply costs one write.
/// All members may be called from any thread. A log that failed once is dead: nothing of it is written any more, and every barrier says why.
/// </remarks>
internal sealed class RunLog
{
    private readonly Lock _gate = new();
    private readonly ICommitQueue _queue;
    private PendingWrite _pending;
    private PendingWrite? _inFlight;
    private Exception? _failure;
    private bool _queued;
    private bool _isCalled;

    /// <param name="queue">Where the entries go.</param>
    /// <param name="header">The run.</param>
    /// <param name="fence">The owner's fencing number: 1 for a new run.</param>
    /// <param name="isNew">Whether the journal has no row of this run yet.</param>
    public RunLog(ICommitQueue queue, RunHeader header, long fence, bool isNew)
    {
        _queue = queue;
        Header = header;
        Fence = fence;
        _pending = new PendingWrite(_queue.Buffers) { IsFirst = isNew, Status = RunStatus.Running };
    }

    public RunHeader Header { get; }

    public long Fence { get; }

    /// <summary>The key that a new run claims with its first write; null for none. Where another run holds it, nothing of this one is written.</summary>
    public Claim? Claim { get; init; }

    /// <summary>Appends one entry, and makes the changes that it implies: of the run's status, or of a signal that is consumed. Not durable before the next commit.</summary>
    public void Append(JournalEntry entry)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _pending.Entries.Append(entry);
            if (entry.NewStatus is { } status)
            {
                SetStatus(status, entry is JournalEntry.Ended ? entry.At : null, wakeAt: null, waits: null);
            }
            else if (entry is JournalEntry.Woken { Signal: { } signal })
            {
                _pending.AddRows().Consumed.Add(signal);
            }
        }
    }

    /// <summary>Appends one entry as UTF-8 JSON. Not durable before the next commit.</summary>
    public void Append(ReadOnlySpan<byte> entry)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _pending.Entries.Append(entry);
        }
    }

    /// <summary>Appends the end of a step. An output beyond <see cref="StoredOutput.Threshold"/> gets a row of its own, and the entry says how long it is.</summary>
    /// <returns>The entry as it was appended.</returns>
    public JournalEntry.Step AppendStep(JournalEntry.Step step)
    {
        if (step.Output.Length <= StoredOutput.Threshold)
        {
            Append(step);
            return step;
        }

        var entry = step with { Output = default, OutputBytes = step.Output.Length };
        lock (_gate)
        {
            if (_failure is null)
            {
                _pending.AddRows().Outputs.Add(new StoredOutput(step.Key, step.Attempt, step.Output));
                _pending.Entries.Append(entry);
            }
        }

        return entry;
    }

    /// <summary>Says that the run waits until a host has room; written with the entries. It belongs to nobody then.</summary>
    public void Queue()
    {
        lock (_gate)
        {
            SetStatus(RunStatus.Queued, finishedAt: null, wakeAt: null, waits: null);
        }
    }

    /// <summary>Says that the run is suspended, and what all of its steps wait for; written with the entries. It belongs to nobody then.</summary>
    /// <remarks>A wait for a signal that has come already is due at once.</remarks>
    public void Suspend(IReadOnlyList<Wait> waits)
    {
        lock (_gate)
        {
            SetStatus(RunStatus.Suspended, finishedAt: null, waits.Min(wait => wait.DueAt), waits);
        }
    }

    /// <summary>Asks the writer to come; returns at once.</summary>
    public void Commit() => Commit(canWait: false);

    /// <summary>Wakes the writer for what could wait; no effect if nothing waits.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            if (!_queued || _isCalled)
            {
                return;
            }

            _isCalled = true;
        }

        _queue.Hurry();
    }

    /// <summary>The barrier: completes when everything appended so far is durable.</summary>
    /// <exception cref="JournalUnavailableException">It can't be made durable now; the run must not continue.</exception>
    /// <exception cref="FencedException">The run belongs to another host by now.</exception>
    public Task DurableAsync()
    {
        var barrier = new Barrier();
        Notify(barrier);
        return barrier.Task;
    }

    /// <summary>Notifies an observer when everything appended so far is durable, or never will be; at once if that is known.</summary>
    /// <param name="observer">Whom to tell.</param>
    /// <param name="canWait">Whether the writer may take a moment: of a run that is expected to commit again at once.</param>
    public void Notify(IDurabilityObserver observer, bool canWait = false)
    {
        if (!TryObserve(observer, out var failure))
        {
            observer.OnSettled(failure);
            return;
        }

        Commit(canWait);
    }

    /// <summary>Tells an observer when what is pending is durable, or never will be, without asking the writer to come.</summary>
    public void Observe(IDurabilityObserver observer)
    {
        if (!TryObserve(observer, out var failure))
        {
            observer.OnSettled(failure);
        }
    }

    /// <summary>Writes this run on the calling thread if nothing else waits to be written; otherwise leaves it to the writer.</summary>
    public void WriteWhereAlone() => _queue.WriteLoneRun();

    // The caller holds the gate.
    private void SetStatus(RunStatus status, DateTimeOffset? finishedAt, DateTimeOffset? wakeAt, IReadOnlyList<Wait>? waits)
    {
        _pending.Status = status;
        _pending.FinishedAt = finishedAt;
        _pending.WakeAt = wakeAt;
        _pending.IsDirty = true;
        if (waits is not null)
        {
            _pending.AddRows().Waits = waits;
        }
        else if (_pending.Rows is { } rows)
        {
            // The run was to suspend, and was ended before that was written.
            rows.Waits = null;
        }
    }

    private void Commit(bool canWait)
    {
        bool isNew;
        lock (_gate)
        {
            if (_failure is not null || !_pending.HasContent)
            {
                return;
            }

            isNew = !_queued;
            if (isNew)
            {
                (_queued, _isCalled) = (true, !canWait);
            }
        }

        if (isNew)
        {
            _queue.Enqueue(this, canWait);
        }
        else if (!canWait)
        {
            Hurry();
        }
    }

    private bool TryObserve(IDurabilityObserver observer, out Exception? failure)
    {
        lock (_gate)
        {
            failure = _failure;
            return failure is null
                && (_pending.HasContent ? _pending : _inFlight) is { } write
                && write.TryObserve(observer, out failure);
        }
    }

    /// <summary>
    /// For the writer: takes what is pending; null if the log has failed. The writer then settles the write, or fails the log. What is appended from
    /// here on needs a new commit.
    /// </summary>
    public PendingWrite? Take()
    {
        lock (_gate)
        {
            _queued = _isCalled = false;
            if (_failure is not null)
            {
                return null;
            }

            var taken = _pending;
            _pending = new PendingWrite(_queue.Buffers) { IsFirst = false, Status = taken.Status, FinishedAt = taken.FinishedAt, WakeAt = taken.WakeAt };
            _inFlight = taken;
            return taken;
        }
    }

    /// <summary>For the writer: ends the log. What is pending, and every later barrier, fails with <paramref name="failure"/>; the first one stays.</summary>
    public void Fail(Exception failure)
    {
        PendingWrite pending;
        lock (_gate)
        {
            _failure ??= failure;
            pending = _pending;
            _pending = new PendingWrite(_queue.Buffers) { IsFirst = false, Status = pending.Status };
        }

        if (pending.Settle(failure))
        {
            _queue.Tell(pending);
        }
    }

    /// <summary>A barrier as a task. Its continuation may run anything, so it gets a flow of its own.</summary>
    private sealed class Barrier() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), IDurabilityObserver
    {
        public void OnSettled(Exception? failure)
        {
            if (failure is null)
            {
                SetResult();
            }
            else
            {
                SetException(failure);
            }
        }
    }
}
