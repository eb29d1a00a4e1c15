using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Starts runs, keeps sight of those under way, and ends each of them: in the journal first, then for the caller who waits.</summary>
/// <remarks>
/// Every run is walked on a pool thread of its own flow, never on the request's: a node that blocks costs its caller the deadline, not the answer.
/// A run that can't be made durable is let go; what of it was durable is picked up again when the journal can be written.
/// </remarks>
internal sealed class Runner(
    IJournal journal, ResponderRegistry responders, RunWalker walker, ISecrets secrets, TimeProvider time, ILogger<Runner> log)
{
    private readonly ConcurrentDictionary<RunId, Run> _active = new();
    private readonly long[] _ended = new long[Enum.GetValues<RunStatus>().Length];

    /// <summary>Raised when a run has left the active ones; on the run's own flow.</summary>
    public event Action<RunId, StepOutcome>? LeftOff;

    /// <summary>How many runs are being walked.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>How many runs have ended since the start, by status.</summary>
    public IEnumerable<(RunStatus Status, long Count)> Ended =>
        new[] { RunStatus.Succeeded, RunStatus.Failed, RunStatus.Cancelled }.Select(status => (status, Interlocked.Read(ref _ended[(int)status])));

    public bool IsActive(RunId id) => _active.ContainsKey(id);

    /// <summary>Starts a new run. The responder is open before the first step begins.</summary>
    /// <returns>The responder; its answer comes whatever happens. The caller closes it.</returns>
    public Responder Start(CompiledWorkflow workflow, int version, string trigger, TriggerData data)
    {
        var now = time.GetUtcNow();
        var header = new RunHeader(RunId.New(now), workflow.Name, version, trigger, now, data.EnvelopeBytes, data.BodyBytes);
        var responder = responders.Open(header.Id);
        // Where no step replies the caller waits for the run to be durable, not for what it does: then the run has nobody to answer.
        var run = new Run(
            workflow,
            new RunLog(journal, header, fence: 1, isNew: true),
            new RunScope(header, data, secrets),
            RunHistory.Empty,
            SecretMask.For(workflow.Secrets, secrets),
            workflow.Replies ? responder : null,
            time);

        // Under way before it is in the journal: a sweep for unfinished runs must not take it for one that was left.
        _active[run.Id] = run;
        if (!workflow.Replies)
        {
            _ = AcknowledgeAsync(run.Log.DurableAsync(), responder);
        }

        Dispatch(run);
        return responder;
    }

    /// <summary>Goes on with a run that the journal holds; whoever calls has made this host its owner.</summary>
    public void Resume(CompiledWorkflow workflow, RunRecord record, long fence)
    {
        var history = RunHistory.Of(JournalEntryReader.Read(record.Entries));
        var run = new Run(
            workflow,
            new RunLog(journal, record.Header, fence, isNew: false),
            new RunScope(record.Header, TriggerData.Restore(record.Header.Envelope, record.Header.Body), secrets),
            history,
            SecretMask.For(workflow.Secrets, secrets),
            responders.Find(record.Header.Id),
            time)
        {
            HasReplied = history.HasReplied,
        };
        if (!_active.TryAdd(run.Id, run))
        {
            run.Dispose();
            throw new InvalidOperationException($"Run {run.Id} is under way already; it was taken over from its own owner.");
        }

        Dispatch(run);
    }

    /// <summary>Asks a run under way to end as cancelled; false where it is not under way here.</summary>
    public bool Cancel(RunId id)
    {
        if (!_active.TryGetValue(id, out var run))
        {
            return false;
        }

        run.Cancel();
        return true;
    }

    /// <summary>Makes what a run under way has done so far durable, so that a look into the journal shows it.</summary>
    public async Task FlushAsync(RunId id)
    {
        if (_active.TryGetValue(id, out var run))
        {
            try
            {
                await run.Log.DurableAsync();
            }
            catch (Exception exception) when (exception is JournalUnavailableException or FencedException)
            {
                log.LogInformation("Run {RunId} is shown as far as it is durable: {Reason}", id, exception.Message);
            }
        }
    }

    /// <summary>Notes that the caller of a run hung up.</summary>
    public void Warn(RunId id, string message)
    {
        if (_active.TryGetValue(id, out var run))
        {
            run.Log.Append(new JournalEntry.Warning(message, time.GetUtcNow()));
        }
    }

    /// <summary>
    /// Lets the runs under way end by themselves for a while, then stops them where they are. They go on at the next start, so none is lost.
    /// </summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await WaitUntilIdleAsync(grace);
        foreach (var run in _active.Values)
        {
            run.Stop();
        }

        responders.StopAll();
        await WaitUntilIdleAsync(TimeSpan.FromSeconds(2));
    }

    /// <summary>Completes when no run is under way any more.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        while (_active.Values.FirstOrDefault() is { } run)
        {
            await run.Ended.WaitAsync(cancellationToken);
        }
    }

    private async Task WaitUntilIdleAsync(TimeSpan atMost)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        try
        {
            await WhenIdleAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            log.LogInformation("{Count} runs are still under way after {Seconds} s", _active.Count, atMost.TotalSeconds);
        }
    }

    private void Dispatch(Run run) => ThreadPool.UnsafeQueueUserWorkItem(new Walk(this, run), preferLocal: true);

    // The last catch site of a run: whatever a defect of ours throws ends this run as failed, and no other.
    private async Task WalkAsync(Run run)
    {
        var outcome = StepOutcome.LeftOff();
        try
        {
            outcome = await WalkToOutcomeAsync(run);
            await EndAsync(run, outcome);
        }
        catch (Exception exception) when (exception is JournalUnavailableException or FencedException)
        {
            outcome = exception is JournalUnavailableException { IsOfOneRun: false } ? StepOutcome.LetGo() : StepOutcome.LeftOff();
            log.LogWarning("Run {RunId} of {Workflow} is let go: {Reason}", run.Id, run.Workflow.Name, exception.Message);
            run.Responder?.TryAbandon(exception.Message);
        }
        finally
        {
            _active.TryRemove(run.Id, out _);
            run.Dispose();
            run.MarkEnded();
            LeftOff?.Invoke(run.Id, outcome);
        }
    }

    private async Task<StepOutcome> WalkToOutcomeAsync(Run run)
    {
        try
        {
            return await walker.WalkAsync(run);
        }
        catch (Exception exception) when (exception is not (JournalUnavailableException or FencedException))
        {
            log.LogError(exception, "Run {RunId} of {Workflow} met a defect of the host", run.Id, run.Workflow.Name);
            return StepOutcome.Failed("", new NodeFailure(FailureKind.Defect, $"The host met a defect of its own ({exception.GetType().Name}); its log says more."));
        }
    }

    private Task EndAsync(Run run, StepOutcome outcome) => outcome.Kind switch
    {
        OutcomeKind.GoOn or OutcomeKind.Succeeded => FinishAsync(run, RunStatus.Succeeded, outcome, new Answer.Acknowledged()),
        OutcomeKind.Failed => FinishAsync(run, RunStatus.Failed, outcome, new Answer.Failed(outcome.Failure!)),
        OutcomeKind.Cancelled => FinishAsync(run, RunStatus.Cancelled, outcome, Cancelled),
        OutcomeKind.Suspended => SuspendAsync(run, outcome.Until!.Value),
        OutcomeKind.LeftOff => LeaveOffAsync(run),
        _ => throw new InvalidOperationException($"{outcome.Kind} is no way for a run to end."),
    };

    private static Answer.Failed Cancelled => new(new NodeFailure(FailureKind.Cancelled, "The run was cancelled."));

    private async Task FinishAsync(Run run, RunStatus status, StepOutcome outcome, Answer answer)
    {
        var now = time.GetUtcNow();
        run.Log.Append(new JournalEntry.Ended(status, outcome.Failure, outcome.Message, now));
        run.Log.SetStatus(status, finishedAt: now);
        await run.Log.DurableAsync();
        run.Responder?.Settle(answer);
        Interlocked.Increment(ref _ended[(int)status]);
        if (status == RunStatus.Failed)
        {
            log.LogWarning("Run {RunId} of {Workflow} failed at step {Step}: {Kind}: {Message}",
                run.Id, run.Workflow.Name, outcome.FailedStep, outcome.Failure!.Kind, outcome.Failure.Message);
        }
    }

    private static async Task SuspendAsync(Run run, DateTimeOffset until)
    {
        run.Log.SetStatus(RunStatus.Suspended, wakeAt: until);
        await run.Log.DurableAsync();
    }

    private static async Task LeaveOffAsync(Run run)
    {
        await run.Log.DurableAsync();
        run.Responder?.TryStop();
    }

    private async Task AcknowledgeAsync(Task durable, Responder responder)
    {
        try
        {
            await durable;
            responder.Settle(new Answer.Acknowledged());
        }
        catch (Exception exception) when (exception is JournalUnavailableException or FencedException)
        {
            log.LogWarning("Run {RunId} was not taken: {Reason}", responder.Run, exception.Message);
            responder.TryAbandon(exception.Message);
        }
    }

    /// <summary>Carries a run onto a pool thread without the request's execution context.</summary>
    private sealed class Walk(Runner runner, Run run) : IThreadPoolWorkItem
    {
        public void Execute() => _ = runner.WalkAsync(run);
    }
}
