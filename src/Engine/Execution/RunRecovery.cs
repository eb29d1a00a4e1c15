using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes up runs that are in the journal and not under way: after a start, after a full disk, when a suspension ends, on a retry.</summary>
internal sealed class RunRecovery : IAsyncDisposable
{
    // The longest that a timer of the platform waits; a longer wait is waited in pieces.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private const int PageSize = 200;

    // Where the taking up of queued runs stands.
    private const int Idle = 0;
    private const int Draining = 1;
    private const int LookAgain = 2;

    private static readonly TimeSpan HeldLook = TimeSpan.FromSeconds(1);

    private readonly IJournal _journal;
    private readonly Runner _runner;
    private readonly IWorkflowVersions _workflows;
    private readonly TimeProvider _time;
    private readonly ILogger<RunRecovery> _log;
    private readonly SemaphoreSlim _places;
    private readonly SemaphoreSlim _oneSweep = new(1, 1);
    private readonly SemaphoreSlim _oneTakeOver = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<RunId, bool> _placed = new();
    private int _drain;

    /// <summary>The runs that can't go on because their workflow can't run: a plugin is missing.</summary>
    private readonly ConcurrentDictionary<RunId, bool> _waiting = new();

    public RunRecovery(
        IJournal journal, Runner runner, IWorkflowVersions workflows, ExecutionOptions options, TimeProvider time, ILogger<RunRecovery> log)
    {
        _journal = journal;
        _runner = runner;
        _workflows = workflows;
        _time = time;
        _log = log;
        _places = new SemaphoreSlim(options.MaxRecoveredRunsAtOnce, options.MaxRecoveredRunsAtOnce);
        _runner.LeftOff += OnLeftOff;
        _journal.BecameWritable += OnBecameWritable;
        _runner.Backlog.Grew += OnBacklogGrew;
    }

    /// <summary>Ahead of the first request: counts the runs that wait for room from before the start.</summary>
    public async Task CountQueuedAsync(CancellationToken cancellationToken) =>
        _runner.Backlog.Restore(await _journal.CountQueuedAsync(cancellationToken));

    /// <summary>Goes through all runs that began and have not ended once, and goes on with those that are not under way. Returns how many it took up.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await _oneSweep.WaitAsync(cancellationToken);
        try
        {
            var taken = 0;
            RunId? after = null;
            while (await _journal.UnfinishedAsync(after, PageSize, cancellationToken) is { Count: > 0 } page)
            {
                foreach (var record in page)
                {
                    taken += await TakeUpAsync(record, cancellationToken) ? 1 : 0;
                }

                after = page[^1].Header.Id;
            }

            OnBacklogGrew();
            return taken;
        }
        finally
        {
            _oneSweep.Release();
        }
    }

    /// <summary>Ends a run as cancelled, under way or not. Null where done, else why not.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    /// <param name="warning">What the run's reader should know of it; added where the run is not under way, whose own log takes warnings.</param>
    public async Task<string?> CancelAsync(RunId id, CancellationToken cancellationToken, string? warning = null)
    {
        if (await _runner.TryCancelAsync(id, cancellationToken))
        {
            return null;
        }

        using var turn = await TakeTurnAsync(cancellationToken);
        var (record, fence, reason) = await OwnAsync(id, status => IsUnfinished(status) ? null : $"The run has ended already: {Name(status)}.", cancellationToken);
        if (record is null)
        {
            return reason;
        }

        var now = _time.GetUtcNow();
        var log = new RunLog(_journal, record.Header, fence, isNew: false);
        if (warning is not null)
        {
            log.Append(new JournalEntry.Warning(warning, now));
        }

        log.Append(new JournalEntry.Ended(RunStatus.Cancelled, null, null, now));
        log.SetStatus(RunStatus.Cancelled, finishedAt: now);
        await log.DurableAsync();
        _runner.AnswerCancelled(id);
        return null;
    }

    /// <summary>Goes on with a failed or cancelled run from the step it ended at. Null where it goes on, else why not.</summary>
    public async Task<string?> RetryAsync(RunId id, CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync(cancellationToken);
        var (record, fence, reason) = await OwnAsync(
            id,
            status => status is RunStatus.Failed or RunStatus.Cancelled ? null : $"Only a failed or cancelled run can be retried; this one is {Name(status)}.",
            cancellationToken);
        if (record is null)
        {
            return reason;
        }

        var (workflow, missing) = await FindWorkflowAsync(record.Header, cancellationToken);
        if (workflow is null)
        {
            return missing;
        }

        var log = new RunLog(_journal, record.Header, fence, isNew: false);
        log.Append(new JournalEntry.Retried(_time.GetUtcNow()));
        log.SetStatus(RunStatus.Running);
        await log.DurableAsync();
        _runner.Resume(workflow, record, fence);
        return null;
    }

    /// <summary>Tries the runs again that wait for a plugin; called when plugins have come.</summary>
    public void WakeWaiting()
    {
        foreach (var id in _waiting.Keys)
        {
            _ = WakeAsync(id, _time.GetUtcNow());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _runner.LeftOff -= OnLeftOff;
        _journal.BecameWritable -= OnBecameWritable;
        _runner.Backlog.Grew -= OnBacklogGrew;
        await _stopping.CancelAsync();
        _stopping.Dispose();
    }

    private async Task<bool> TakeUpAsync(RunRecord record, CancellationToken cancellationToken)
    {
        var id = record.Header.Id;
        if (_runner.IsActive(id))
        {
            return false;
        }

        if (record is { Status: RunStatus.Suspended, WakeAt: { } wakeAt } && wakeAt > _time.GetUtcNow())
        {
            _ = WakeAsync(id, wakeAt);
            return false;
        }

        return await TakePlaceAsync(id, cancellationToken);
    }

    private async Task<bool> TakePlaceAsync(RunId id, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        _placed[id] = true;
        var isTaken = false;
        try
        {
            return isTaken = await TryResumeAsync(id, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or JournalUnavailableException))
        {
            // One run that can't be read must not keep the others from going on.
            _log.LogError(exception, "Run {RunId} can't be taken up; the next start tries again", id);
            return false;
        }
        finally
        {
            if (!isTaken)
            {
                GiveBackPlace(id);
            }
        }
    }

    private async Task<bool> TryResumeAsync(RunId id, CancellationToken cancellationToken)
    {
        if (_runner.IsStopping)
        {
            return false;
        }

        using var turn = await TakeTurnAsync(cancellationToken);
        _waiting.TryRemove(id, out _);
        var (record, fence, _) = await OwnAsync(id, status => IsUnfinished(status) ? null : "ended", cancellationToken);
        if (record is null)
        {
            return false;
        }

        var (workflow, reason) = await FindWorkflowAsync(record.Header, cancellationToken);
        if (workflow is null)
        {
            _waiting[id] = true;
            _log.LogWarning("Run {RunId} of {Workflow} version {Version} waits: {Reason}", id, record.Header.Workflow, record.Header.Version, reason);
            return false;
        }

        _runner.Resume(workflow, record, fence);
        return true;
    }

    private async ValueTask<(CompiledWorkflow? Workflow, string? Reason)> FindWorkflowAsync(RunHeader run, CancellationToken cancellationToken)
    {
        var found = await _workflows.FindVersionAsync(run.Workflow, run.Version, cancellationToken);
        return found?.Compiled is { } compiled
            ? (compiled, null)
            : (null, found?.Problems.FirstOrDefault()?.Message ?? $"Version {run.Version} of {run.Workflow} is not there.");
    }

    // Reads the run again once it is owned: between a look at it and the take-over it may have ended.
    private async Task<(RunRecord? Record, long Fence, string? Reason)> OwnAsync(
        RunId id, Func<RunStatus, string?> refuse, CancellationToken cancellationToken)
    {
        if (await _journal.FindAsync(id, cancellationToken) is not { } found)
        {
            return (null, 0, $"There is no run {id}.");
        }

        if (refuse(found.Status) is { } reason)
        {
            return (null, 0, reason);
        }

        if (_runner.IsActive(id) || await _journal.TakeOverAsync(id, found.Fence, cancellationToken) is not { } fence)
        {
            return (null, 0, "The run is under way.");
        }

        if (found.Status == RunStatus.Queued)
        {
            _runner.Backlog.Remove();
        }

        var owned = await _journal.FindAsync(id, cancellationToken);
        return owned is null ? (null, 0, $"There is no run {id}.") : refuse(owned.Status) is { } ended ? (null, 0, ended) : (owned, fence, null);
    }

    private void OnBacklogGrew() => _ = DrainAsync();

    // Takes up the runs that wait for room, oldest first, as places come free. One at a time; who asks meanwhile has it look once more.
    private async Task DrainAsync()
    {
        if (Interlocked.Exchange(ref _drain, LookAgain) != Idle)
        {
            return;
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            do
            {
                Volatile.Write(ref _drain, Draining);
                await DrainOnceAsync(_stopping.Token);
            }
            while (Interlocked.CompareExchange(ref _drain, Idle, Draining) != Draining);
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _drain, Idle);
            if (exception is not (OperationCanceledException or JournalUnavailableException or ObjectDisposedException))
            {
                _log.LogError(exception, "The runs that wait for room can't be looked up; the next run that ends has it tried again");
            }
        }
    }

    private async Task DrainOnceAsync(CancellationToken cancellationToken)
    {
        RunId? after = null;
        while (HasRoomForQueued && await _journal.QueuedAsync(after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var id in page.TakeWhile(_ => HasRoomForQueued))
            {
                await TakePlaceAsync(id, cancellationToken);
            }

            after = page[^1];
        }
    }

    private bool HasRoomForQueued => _runner is { IsStopping: false, HasRoomForQueued: true };

    private void OnLeftOff(RunId id, StepOutcome outcome)
    {
        GiveBackPlace(id);
        if (_runner.Backlog.Count > 0)
        {
            _ = DrainAsync();
        }

        if (outcome is { Kind: OutcomeKind.Suspended, Until: { } until })
        {
            _ = WakeAsync(id, until);
        }
        else if (outcome.Kind == OutcomeKind.Held)
        {
            // Once more by itself: the plugin may have come back while the run was on its way out.
            _waiting[id] = true;
            _ = WakeAsync(id, _time.GetUtcNow() + HeldLook);
        }
        else if (outcome.Kind == OutcomeKind.LetGo && _journal.IsWritable)
        {
            // The journal came back while this run was at a step, and the sweep that followed passed it by.
            _ = WakeAsync(id, _time.GetUtcNow());
        }
    }

    private void OnBecameWritable() => _ = SweepSafelyAsync();

    private async Task SweepSafelyAsync()
    {
        try
        {
            var taken = await SweepAsync(_stopping.Token);
            _log.LogInformation("The journal can be written again; {Count} runs go on", taken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or JournalUnavailableException or ObjectDisposedException)
        {
            _log.LogInformation("The sweep for unfinished runs was broken off: {Reason}", exception.Message);
        }
    }

    private async Task WakeAsync(RunId id, DateTimeOffset at)
    {
        // Whoever calls may be telling others that a commit is durable.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (at - _time.GetUtcNow() is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left < LongestWait ? left : LongestWait, _time, _stopping.Token);
            }

            await TryResumeAsync(id, _stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or JournalUnavailableException or ObjectDisposedException)
        {
            _log.LogInformation("Run {RunId} waits for the next start: {Reason}", id, exception.Message);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {RunId} can't be taken up; the next start tries again", id);
        }
    }

    // One at a time from the look at a run to its being under way: two who raised its fence one after the other would shut each other out.
    private async ValueTask<Turn> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _oneTakeOver.WaitAsync(cancellationToken);
        return new Turn(_oneTakeOver);
    }

    private void GiveBackPlace(RunId id)
    {
        if (_placed.TryRemove(id, out _))
        {
            _places.Release();
        }
    }

    private static bool IsUnfinished(RunStatus status) => status is RunStatus.Queued or RunStatus.Running or RunStatus.Suspended;

    private static string Name(RunStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>The turn of one take-over; disposing ends it.</summary>
    private readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
