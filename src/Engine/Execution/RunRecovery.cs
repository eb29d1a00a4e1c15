using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Continues runs that are in the journal and not active: after a start, after a full disk, when a suspension ends, on a retry.</summary>
internal sealed class RunRecovery : IAsyncDisposable
{
    private static readonly TimeSpan HeldLook = TimeSpan.FromSeconds(1);

    private readonly IRunStore _runs;
    private readonly ICommitQueue _queue;
    private readonly Runner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger<RunRecovery> _log;
    private readonly RecoveryPlaces _places;
    private readonly RunIntake _intake;
    private readonly DueTimer _due;
    private readonly ITimer _heldTimer;
    private readonly SemaphoreSlim _oneSweep = new(1, 1);
    private readonly RunOwnership _ownership;
    private readonly CancellationTokenSource _stopping = new();
    private readonly QueuedRuns _queued;
    private readonly SuspectLine _suspects;
    private readonly Quarantine _quarantine;
    private volatile bool _hasSwept;

    public RunRecovery(
        IRunStore runs, ICommitQueue queue, Runner runner, IWorkflowVersions workflows, ExecutionOptions options, TimeProvider time, ILogger<RunRecovery> log)
    {
        _runs = runs;
        _queue = queue;
        _runner = runner;
        _time = time;
        _log = log;
        _ownership = new RunOwnership(runs, queue, runner, workflows, time);
        _places = new RecoveryPlaces(options.MaxRecoveredRunsAtOnce);
        _suspects = new SuspectLine(TakeSuspectAsync, log, _stopping.Token);
        _quarantine = new Quarantine(runs, queue, time, log);
        _intake = new RunIntake(runs, runner, _ownership, _suspects, _quarantine, _places, time, log);
        _queued = new QueuedRuns(runner, _intake, time, log, _stopping.Token);
        _due = new DueTimer(runs, TakeDueAsync, time, log, _stopping.Token);
        _heldTimer = time.CreateTimer(_ => _ = SafelyAsync("look at runs that wait for a plugin", TakeWaitingAsync), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ = _queued.WatchAsync();
        _ = WatchDeparturesAsync();
        _ = WatchAsync(() => queue.WritableAgain, SweepAgain);
        _ = WatchAsync(() => workflows.Rechecked, TakeWaitingAgain);
    }

    /// <summary>How many runs are quarantined.</summary>
    public int QuarantinedCount => _quarantine.Count;

    /// <summary>Ahead of the first request: counts the runs that earlier starts left queued or quarantined.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        _runner.Backlog.Restore(await _runs.CountQueuedAsync(cancellationToken));
        await _quarantine.RestoreAsync(cancellationToken);
    }

    /// <summary>Takes over all runs that began, have not ended and can continue, except the active ones; returns how many. Suspended runs are woken when they are due.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await _oneSweep.WaitAsync(cancellationToken);
        try
        {
            _hasSwept = true;
            // First: those that began may wait for places.
            var taken = await TakeDueAsync(cancellationToken);
            var gone = _runner.Detached.All.ToHashSet();
            taken += await _intake.TakeAllAsync(new RunSelection.Running(OwnToo: true), run => gone.Remove(run), cancellationToken);
            // A detached run that is not running in the journal has ended, or was never stored. The others are removed when they continue.
            foreach (var id in gone)
            {
                _runner.Detached.Forget(id);
            }

            taken += await TakeHeldAsync(cancellationToken);
            _runner.Backlog.NoteRoom();
            await ReleaseAsync(cancellationToken);
            return taken;
        }
        finally
        {
            _oneSweep.Release();
            _suspects.Go();
        }
    }

    private async Task<int> TakeDueAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var taken = await _intake.TakeAllAsync(new RunSelection.Due(now), seen: null, cancellationToken);
        if (await _runs.NextDueAsync(now, cancellationToken) is { } next)
        {
            _due.Expect(next);
        }

        return taken;
    }

    /// <summary>Ends a run as cancelled, active or not. Null if it does, else the reason.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    /// <param name="warning">A warning for the run's reader; added if the run is not active, because an active run writes its own.</param>
    public async Task<string?> CancelAsync(RunId id, CancellationToken cancellationToken, string? warning = null)
    {
        if (await _runner.TryCancelAsync(id, cancellationToken))
        {
            return null;
        }

        using var turn = await _ownership.TakeTurnAsync(cancellationToken);
        // It may have become active while this waited for the turn.
        if (await _runner.TryCancelAsync(id, cancellationToken))
        {
            return null;
        }

        var (_, reason) = await _ownership.TakeAsync(
            id,
            status => RunOwnership.IsUnfinished(status) || status == RunStatus.Quarantined ? null : $"The run has ended already: {Name(status)}.",
            (record, fence) => EndCancelledAsync(record, fence, warning),
            cancellationToken);
        return reason;
    }

    /// <summary>Continues a failed, cancelled or quarantined run from the step it ended at. Null if it continues, else the reason.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    public Task<string?> RetryAsync(RunId id, CancellationToken cancellationToken) => RetryAsync(
        id,
        status => status is RunStatus.Failed or RunStatus.Cancelled or RunStatus.Quarantined
            ? null
            : $"Only a failed, cancelled or quarantined run can be retried; this one is {Name(status)}.",
        warning: null,
        cancellationToken);

    /// <summary>Stores a signal for a run, and wakes the step that waits for it.</summary>
    /// <param name="id">The run.</param>
    /// <param name="name">The name of the signal, unique in the run.</param>
    /// <param name="payload">What comes with it, one JSON value; empty for nothing.</param>
    /// <param name="cancellationToken">Ends the wait for the commit.</param>
    /// <exception cref="JournalUnavailableException">The signal can't be stored now.</exception>
    public async Task<SignalResult> SignalAsync(RunId id, string name, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var signal = new Signal(name, payload, _time.GetUtcNow());
        var result = await _runs.SignalAsync(id, signal, cancellationToken);
        if (result == SignalResult.Awaited)
        {
            _due.Look();
        }
        else if (result == SignalResult.Stored)
        {
            // Its step may wait while others of the run are executed.
            _runner.Wake(id, signal);
        }

        return result;
    }

    private async Task<string?> RetryAsync(RunId id, Func<RunStatus, string?> refuse, string? warning, CancellationToken cancellationToken)
    {
        using var turn = await _ownership.TakeTurnAsync(cancellationToken);
        if (await _runs.FindAsync(id, cancellationToken) is not { } found)
        {
            return $"There is no run {id}.";
        }

        if (RunHistory.Of(JournalEntryReader.Read(found.Entries)).Unknown is { } unknown)
        {
            return unknown.Reason;
        }

        // Before the take-over: a run that can't continue stays unchanged.
        var (workflow, missing) = await _ownership.FindWorkflowAsync(found.Header, cancellationToken);
        if (workflow is null)
        {
            return missing;
        }

        var (_, reason) = await _ownership.TakeAsync(id, refuse, (record, fence) => GoOnAgainAsync(workflow, record, fence, warning), cancellationToken);
        return reason;
    }

    private async Task<Run> GoOnAgainAsync(CompiledWorkflow workflow, RunRecord record, long fence, string? warning)
    {
        var now = _time.GetUtcNow();
        var log = new RunLog(_queue, record.Header, fence, isNew: false);
        if (warning is not null)
        {
            log.Append(new JournalEntry.Warning(warning, now));
        }

        log.Append(new JournalEntry.Retried(now));
        await log.DurableAsync();
        _quarantine.NoteRelease(record);
        // The crashes are forgiven, but if it crashes its host again, the step must be known at once.
        return _runner.Resume(workflow, record, fence, record.Status == RunStatus.Quarantined ? new Interruption(0, null, IsNew: false) : null, isRetry: true);
    }

    private async Task<bool> EndCancelledAsync(RunRecord record, long fence, string? warning)
    {
        var now = _time.GetUtcNow();
        var log = new RunLog(_queue, record.Header, fence, isNew: false);
        if (warning is not null)
        {
            log.Append(new JournalEntry.Warning(warning, now));
        }

        OutcomeRecord.Append(log, StepOutcome.Cancelled(), now);
        await log.DurableAsync();
        _quarantine.NoteRelease(record);
        _runner.AnswerCancelled(record.Header.Id);
        return true;
    }

    // Plugins have come: runs may wait for one, or for another version of one.
    private void TakeWaitingAgain() => _ = SafelyAsync("look at runs that wait for a plugin", async cancellationToken =>
    {
        // Before the first sweep there are only runs that it will find.
        if (_hasSwept)
        {
            await TakeWaitingAsync(cancellationToken);
        }

        await ReleaseAsync(cancellationToken);
    });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _heldTimer.DisposeAsync();
        await _due.DisposeAsync();
        // The journal is closed next: a take-over that has begun comes to its end before.
        (await _ownership.TakeTurnAsync(CancellationToken.None)).Dispose();
        _stopping.Dispose();
        _ownership.Dispose();
    }

    // Those too that no host could continue so far: their workflow needed the plugin.
    private async Task TakeWaitingAsync(CancellationToken cancellationToken)
    {
        await _oneSweep.WaitAsync(cancellationToken);
        try
        {
            var running = new RunSelection.Running(OwnToo: _runner.Detached.All.Count > 0);
            await _intake.TakeAllAsync(running, seen: null, cancellationToken);
            await TakeHeldAsync(cancellationToken);
        }
        finally
        {
            _oneSweep.Release();
            _suspects.Go();
        }

        _due.Look();
    }

    private Task<int> TakeHeldAsync(CancellationToken cancellationToken) =>
        _intake.TakeAllAsync(new RunSelection.Held(), seen: null, cancellationToken);

    private async Task TakeDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _intake.TakeAllAsync(new RunSelection.Due(now), seen: null, cancellationToken);
        _suspects.Go();
    }

    private async Task<Probation?> TakeSuspectAsync(RunId id, CancellationToken cancellationToken) =>
        (await _intake.TakeOneAsync(id, isAlone: true, cancellationToken))?.Probation;

    // For work that nobody waits for, on another thread: the caller may be the journal's writer.
    private async Task SafelyAsync(string work, Func<CancellationToken, Task> perform)
    {
        await Task.Yield();
        try
        {
            await perform(_stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or JournalUnavailableException or ObjectDisposedException)
        {
            _log.LogInformation("The {Work} was cancelled: {Reason}", work, exception.Message);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "The {Work} failed; the next start tries again", work);
        }
    }

    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await foreach (var (id, warning) in _quarantine.ReleasableAsync(_ownership, cancellationToken))
        {
            // It may have been cancelled meanwhile: only a quarantined run is released.
            var reason = await RetryAsync(
                id, status => status == RunStatus.Quarantined ? null : $"It is no longer quarantined; it is {Name(status)}.", warning, cancellationToken);
            _log.LogInformation("Run {RunId}: {Outcome}", id, reason ?? warning);
        }
    }

    // Whatever waits here when the host stops is never signaled again, and is collected with what it waits for.
    private async Task WatchAsync(Func<Task> next, Action react)
    {
        for (var change = next(); ;)
        {
            await change;
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            // Ahead of the reaction: what changes during it causes another.
            change = next();
            react();
        }
    }

    private async Task WatchDeparturesAsync()
    {
        try
        {
            await foreach (var departure in _runner.Departures.ReadAllAsync(_stopping.Token))
            {
                Expect(departure);
            }
        }
        catch (OperationCanceledException)
        {
            _log.LogDebug("The host stops: what runs wait for is looked up at the next start.");
        }
    }

    private void Expect(Departure departure)
    {
        foreach (var wait in departure.Outcome.Waits ?? [])
        {
            Expect(wait);
        }

        if (departure.Outcome.Kind == OutcomeKind.Held)
        {
            // Once more by itself: the plugin may have come back while the run was on its way out.
            _heldTimer.Change(HeldLook, Timeout.InfiniteTimeSpan);
        }
        else if (departure.Outcome.Kind == OutcomeKind.Detached && _queue.IsWritable)
        {
            // The journal came back while this run was at a step, and the sweep that followed passed it by.
            _ = SafelyAsync("take-over of a detached run", async cancellationToken =>
            {
                await _intake.TakeOneAsync(departure.Run, isAlone: false, cancellationToken);
                _suspects.Go();
            });
        }
    }

    private void Expect(Wait wait)
    {
        if (wait.DueAt is { } due)
        {
            _due.Expect(due);
        }

        if (wait.Signal is not null)
        {
            // It may have come before the run waited for it.
            _due.Look();
        }
    }

    private void SweepAgain() => _ = SafelyAsync("sweep for unfinished runs", async cancellationToken =>
    {
        var taken = await SweepAsync(cancellationToken);
        _log.LogInformation("The journal is writable again; {Count} runs continue", taken);
    });

    private static string Name(RunStatus status) => status.ToString().ToLowerInvariant();
}
