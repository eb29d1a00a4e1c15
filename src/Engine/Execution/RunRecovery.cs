using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes up runs that are in the journal and not under way: after a start, after a full disk, when a suspension ends, on a retry.</summary>
internal sealed class RunRecovery : IAsyncDisposable
{
    // The longest that a timer of the platform waits; a longer wait is waited in pieces.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private const int PageSize = 200;

    private static readonly TimeSpan HeldLook = TimeSpan.FromSeconds(1);

    private readonly IRunStore _runs;
    private readonly ICommitQueue _queue;
    private readonly Runner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger<RunRecovery> _log;
    private readonly SemaphoreSlim _places;
    private readonly SemaphoreSlim _oneSweep = new(1, 1);
    private readonly RunOwnership _ownership;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<RunId, bool> _placed = new();
    private readonly QueuedRuns _queued;
    private readonly SuspectLine _suspects;
    private readonly Quarantine _quarantine;

    /// <summary>The runs that can't go on because their workflow can't run: a plugin is missing.</summary>
    private readonly ConcurrentDictionary<RunId, bool> _waiting = new();

    public RunRecovery(
        IRunStore runs, ICommitQueue queue, Runner runner, IWorkflowVersions workflows, ExecutionOptions options, TimeProvider time, ILogger<RunRecovery> log)
    {
        _runs = runs;
        _queue = queue;
        _runner = runner;
        _time = time;
        _log = log;
        _ownership = new RunOwnership(runs, queue, runner, workflows, time);
        _places = new SemaphoreSlim(options.MaxRecoveredRunsAtOnce, options.MaxRecoveredRunsAtOnce);
        _queued = new QueuedRuns(runs, runner, TakePlaceAsync, log, _stopping.Token);
        _suspects = new SuspectLine(async (id, cancellationToken) => (await TryResumeAsync(id, cancellationToken, isAlone: true))?.Probation, log, _stopping.Token);
        _quarantine = new Quarantine(runs, queue, time, log);
        _runner.LeftOff += OnLeftOff;
        _queue.BecameWritable += OnBecameWritable;
        _runner.Backlog.Grew += OnBacklogGrew;
    }

    /// <summary>How many runs are quarantined.</summary>
    public int QuarantinedCount => _quarantine.Count;

    /// <summary>Ahead of the first request: counts the runs that earlier starts left queued or quarantined.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        _runner.Backlog.Restore(await _runs.CountQueuedAsync(cancellationToken));
        await _quarantine.RestoreAsync(cancellationToken);
    }

    /// <summary>Goes through all runs that began and have not ended once, and goes on with those that are not under way. Returns how many it took up.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await _oneSweep.WaitAsync(cancellationToken);
        try
        {
            var taken = 0;
            RunId? after = null;
            var gone = _runner.LetGoRuns.All.ToHashSet();
            while (await _runs.UnfinishedAsync(after, PageSize, cancellationToken) is { Count: > 0 } page)
            {
                foreach (var record in page)
                {
                    gone.Remove(record.Header.Id);
                    taken += await TakeUpAsync(record, cancellationToken) ? 1 : 0;
                }

                after = page[^1].Header.Id;
            }

            // What was let go and is not unfinished in the journal has ended, or never came to be there. The others are forgotten when they go on.
            foreach (var id in gone)
            {
                _runner.LetGoRuns.Remove(id);
            }

            OnBacklogGrew();
            await ReleaseAsync(cancellationToken);
            return taken;
        }
        finally
        {
            _oneSweep.Release();
            _suspects.Go();
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

        using var turn = await _ownership.TakeTurnAsync(cancellationToken);
        var (_, reason) = await _ownership.TakeAsync(
            id,
            status => RunOwnership.IsUnfinished(status) || status == RunStatus.Quarantined ? null : $"The run has ended already: {Name(status)}.",
            (record, fence) => EndCancelledAsync(record, fence, warning),
            cancellationToken);
        return reason;
    }

    /// <summary>Goes on with a failed, cancelled or quarantined run from the step it ended at. Null where it goes on, else why not.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    public Task<string?> RetryAsync(RunId id, CancellationToken cancellationToken) => RetryAsync(
        id,
        status => status is RunStatus.Failed or RunStatus.Cancelled or RunStatus.Quarantined
            ? null
            : $"Only a failed, cancelled or quarantined run can be retried; this one is {Name(status)}.",
        warning: null,
        cancellationToken);

    private async Task<string?> RetryAsync(RunId id, Func<RunStatus, string?> refuse, string? warning, CancellationToken cancellationToken)
    {
        using var turn = await _ownership.TakeTurnAsync(cancellationToken);
        if (await _runs.FindAsync(id, cancellationToken) is not { } found)
        {
            return $"There is no run {id}.";
        }

        if (Unknown(found) is { } unknown)
        {
            return unknown.Reason;
        }

        // Ahead of the take-over: a run that can't go on stays as it is.
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
        log.SetStatus(RunStatus.Running);
        await log.DurableAsync();
        _quarantine.NoteRelease(record);
        // The deaths are forgiven, but if it ends its host again, the step that did is to be known at once.
        return _runner.Resume(workflow, record, fence, record.Status == RunStatus.Quarantined ? new Interruption(0, null, IsNew: false) : null);
    }

    private async Task<bool> EndCancelledAsync(RunRecord record, long fence, string? warning)
    {
        var now = _time.GetUtcNow();
        var log = new RunLog(_queue, record.Header, fence, isNew: false);
        if (warning is not null)
        {
            log.Append(new JournalEntry.Warning(warning, now));
        }

        log.Append(new JournalEntry.Ended(RunStatus.Cancelled, null, null, now));
        log.SetStatus(RunStatus.Cancelled, finishedAt: now);
        await log.DurableAsync();
        _quarantine.NoteRelease(record);
        _runner.AnswerCancelled(record.Header.Id);
        return true;
    }

    /// <summary>Tries the runs again that wait for a plugin or for another version of one; called when plugins have come.</summary>
    public void WakeWaiting()
    {
        foreach (var id in _waiting.Keys)
        {
            _ = WakeAsync(id, _time.GetUtcNow());
        }

        _ = SafelyAsync("look at quarantined runs", ReleaseAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _runner.LeftOff -= OnLeftOff;
        _queue.BecameWritable -= OnBecameWritable;
        _runner.Backlog.Grew -= OnBacklogGrew;
        await _stopping.CancelAsync();
        // The journal is closed next: a take-over that has begun comes to its end before.
        (await _ownership.TakeTurnAsync(CancellationToken.None)).Dispose();
        _stopping.Dispose();
        _ownership.Dispose();
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
            return isTaken = await TryResumeAsync(id, cancellationToken) is not null;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or JournalUnavailableException))
        {
            // One run that can't be read must not keep the others from going on.
            _log.LogError(exception, "Run {RunId} can't continue; the next start tries again", id);
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

    // Null if the run does not go on now.
    private async Task<Run?> TryResumeAsync(RunId id, CancellationToken cancellationToken, bool isAlone = false)
    {
        if (_runner.IsStopping)
        {
            return null;
        }

        using var turn = await _ownership.TakeTurnAsync(cancellationToken);
        _waiting.TryRemove(id, out _);
        if (await _runs.FindAsync(id, cancellationToken) is not { } found || !RunOwnership.IsUnfinished(found.Status) || _runner.IsActive(id))
        {
            return null;
        }

        if (Unknown(found) is { } unknown)
        {
            _log.LogWarning("Run {RunId} of {Workflow} is held: {Reason}", id, found.Header.Workflow, unknown.Reason);
            return null;
        }

        // Ahead of the take-over: a run that can't continue stays as it is.
        var (workflow, reason) = await _ownership.FindWorkflowAsync(found.Header, cancellationToken);
        if (workflow is null)
        {
            _waiting[id] = true;
            _log.LogWarning("Run {RunId} of {Workflow} version {Version} waits: {Reason}", id, found.Header.Workflow, found.Header.Version, reason);
            return null;
        }

        var interruption = Interruption.Of(found, _runner.LetGoRuns.Contains(id));
        if (interruption is { Deaths: Interruption.Suspicious } && !isAlone)
        {
            _suspects.Add(id);
            return null;
        }

        return (await _ownership.TakeAsync(
            id,
            status => RunOwnership.IsUnfinished(status) ? null : "ended",
            (record, fence) => GoOnAsync(workflow, record, fence, interruption),
            cancellationToken)).Result;
    }

    private async Task<Run?> GoOnAsync(CompiledWorkflow workflow, RunRecord record, long fence, Interruption? interruption)
    {
        if (interruption is { Deaths: >= Interruption.Most })
        {
            await _quarantine.AddAsync(record, fence, interruption, workflow);
            // Who waits for its reply hears that there will be none.
            _runner.Watch.Tell(record.Header.Id);
            return null;
        }

        var run = _runner.Resume(workflow, record, fence, interruption);
        if (interruption is { Deaths: < Interruption.Suspicious })
        {
            _suspects.Note(run.Id, run.Probation!);
        }

        return run;
    }

    // For work that nobody waits for, on a thread of its own flow: whoever asks for it may be telling others something.
    private async Task SafelyAsync(string work, Func<CancellationToken, Task> perform)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
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

    private void OnBacklogGrew() => _queued.Drain();

    private void OnLeftOff(RunId id, StepOutcome outcome)
    {
        GiveBackPlace(id);
        if (_runner.Backlog.Count > 0)
        {
            _queued.Drain();
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
        else if (outcome.Kind == OutcomeKind.LetGo && _queue.IsWritable)
        {
            // The journal came back while this run was at a step, and the sweep that followed passed it by.
            _ = WakeAsync(id, _time.GetUtcNow());
        }
    }

    private void OnBecameWritable() => _ = SafelyAsync("sweep for unfinished runs", async cancellationToken =>
    {
        var taken = await SweepAsync(cancellationToken);
        _log.LogInformation("The journal is writable again; {Count} runs continue", taken);
    });

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

            if (await TryResumeAsync(id, _stopping.Token) is null)
            {
                _suspects.Go();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or JournalUnavailableException or ObjectDisposedException)
        {
            _log.LogInformation("Run {RunId} waits for the next start: {Reason}", id, exception.Message);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {RunId} can't continue; the next start tries again", id);
        }
    }

    private void GiveBackPlace(RunId id)
    {
        if (_placed.TryRemove(id, out _))
        {
            _places.Release();
        }
    }

    private static JournalEntry.Unknown? Unknown(RunRecord run) => RunHistory.Of(JournalEntryReader.Read(run.Entries)).Unknown;

    private static string Name(RunStatus status) => status.ToString().ToLowerInvariant();
}
