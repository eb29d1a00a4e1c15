using System.Buffers;

namespace Sluice.Engine.Journal;

/// <summary>One run's side of the journal: collects entries until the writer takes them, and tells when they are durable.</summary>
/// <remarks>
/// <see cref="Append"/> costs no I/O. <see cref="Commit"/> wakes the writer; <see cref="DurableAsync"/> is the barrier. Entries that were appended
/// between a commit and the writer's coming travel with it, so a run that ends right after its reply costs one write.
/// </remarks>
internal sealed class RunLog
{
    private readonly Lock _gate = new();
    private readonly IJournal _journal;
    private PendingWrite _pending;
    private Task? _inFlight;
    private bool _queued;

    /// <param name="journal">Where the entries go.</param>
    /// <param name="header">The run.</param>
    /// <param name="fence">The owner's fencing number: 1 for a new run.</param>
    /// <param name="isNew">Whether the journal has no row of this run yet.</param>
    public RunLog(IJournal journal, RunHeader header, long fence, bool isNew)
    {
        _journal = journal;
        Header = header;
        Fence = fence;
        _pending = new PendingWrite { IsFirst = isNew, Status = RunStatus.Running };
    }

    public RunHeader Header { get; }

    public long Fence { get; }

    /// <summary>Appends one entry: a JSON object, without a line end. Not durable before the next commit.</summary>
    public void Append(ReadOnlySpan<byte> entry)
    {
        lock (_gate)
        {
            _pending.Entries.Write(entry);
            _pending.Entries.Write("\n"u8);
        }
    }

    /// <summary>Says where the run stands; written with the entries.</summary>
    public void SetStatus(RunStatus status, DateTimeOffset? finishedAt = null, DateTimeOffset? wakeAt = null)
    {
        lock (_gate)
        {
            _pending.Status = status;
            _pending.FinishedAt = finishedAt;
            _pending.WakeAt = wakeAt;
            _pending.IsDirty = true;
        }
    }

    /// <summary>Asks the writer to come; returns at once.</summary>
    public void Commit()
    {
        lock (_gate)
        {
            if (_queued || !_pending.HasContent)
            {
                return;
            }

            _queued = true;
        }

        _journal.Enqueue(this);
    }

    /// <summary>The barrier: completes when everything appended so far is durable.</summary>
    /// <exception cref="JournalUnavailableException">It can't be made durable now; the run must not go on.</exception>
    /// <exception cref="FencedException">The run belongs to another host by now.</exception>
    public Task DurableAsync()
    {
        Task durable;
        lock (_gate)
        {
            if (!_pending.HasContent)
            {
                return _inFlight ?? Task.CompletedTask;
            }

            durable = _pending.Durable.Task;
        }

        Commit();
        return durable;
    }

    /// <summary>For the writer: takes what is pending. The writer settles the write with success or failure.</summary>
    public PendingWrite Take()
    {
        lock (_gate)
        {
            var taken = _pending;
            _pending = new PendingWrite { IsFirst = false, Status = taken.Status, FinishedAt = taken.FinishedAt, WakeAt = taken.WakeAt };
            _queued = false;
            _inFlight = taken.Durable.Task;
            return taken;
        }
    }
}

/// <summary>What a run wants written, in one piece.</summary>
internal sealed class PendingWrite
{
    /// <summary>Whether the journal has no row of this run yet.</summary>
    public required bool IsFirst { get; init; }

    public RunStatus Status { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>Whether the status was set since the last write.</summary>
    public bool IsDirty { get; set; }

    /// <summary>JSON objects, one a line.</summary>
    public ArrayBufferWriter<byte> Entries { get; } = new(512);

    /// <summary>Settled by the writer; its continuations never run on the writer's thread.</summary>
    public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool HasContent => IsDirty || IsFirst || Entries.WrittenCount > 0;
}
