using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Starts runs, keeps sight of those under way, and ends each of them: in the journal first, then for the caller who waits.</summary>
/// <remarks>
/// Every run is walked on a pool thread of its own flow, never on the request's: a node that blocks costs its caller the deadline, not the answer.
/// A run that can't be made durable is let go; what of it was durable is picked up again when the journal can be written.
/// </remarks>
internal sealed class Runner(
    ICommitQueue queue, ResponderRegistry responders, StepRunner steps, ISecrets secrets, ExecutionOptions options, TimeProvider time, ILogger<Runner> log)
    : IRunOwner
{
    /// <summary>Where those wait who ask for the answer of a run that another request began.</summary>
    public RunWatch Watch { get; } = new();

    private readonly ActiveRuns _active = new();
    private readonly ConditionalWeakTable<CompiledWorkflow, StrongBox<ImmutableArray<PlanStep>>> _plans = [];
    private volatile bool _isStopping;

    // Runs that were let go before their cancellation was heard: it is heard when they are taken up again.
    private readonly ConcurrentDictionary<RunId, bool> _toCancel = new();
    private readonly long[] _ended = new long[Enum.GetValues<RunStatus>().Length];

    /// <summary>The runs that were let go and not taken up again.</summary>
    public LetGoRuns LetGoRuns { get; } = new();

    /// <summary>Raised when a run has left the active ones; maybe on a thread of the journal's, so handlers return at once.</summary>
    public event Action<RunId, StepOutcome>? LeftOff;

    /// <summary>How many runs of each workflow are being walked.</summary>
    public WorkflowLoads Loads => _active.Loads;

    /// <summary>How many runs are being walked.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>Whether one more new run may be under way. While others wait for room, some is kept for them, so that none waits for ever.</summary>
    public bool HasRoom => ActiveCount < (Backlog.Count == 0 ? options.MaxRuns : options.MaxRuns - Math.Clamp(options.MaxRuns / 8, 1, 256));

    /// <summary>
    /// How many of the runs that wait for room may be taken over now. Where many wait, none is until there is room for a good number, because one commit
    /// takes over all of them.
    /// </summary>
    public int RoomForQueued => options.MaxRuns - ActiveCount is var room && room >= Math.Min(Backlog.Count, Math.Clamp(options.MaxRuns / 16, 1, 128)) ? room : 0;

    /// <summary>The runs that wait in the journal for room.</summary>
    public Backlog Backlog { get; } = new(options.MaxQueuedRuns);

    /// <summary>The host stops: no run is taken up any more.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>How many runs have ended since the start, by status.</summary>
    public IEnumerable<(RunStatus Status, long Count)> Ended =>
        new[] { RunStatus.Succeeded, RunStatus.Failed, RunStatus.Cancelled }.Select(status => (status, Interlocked.Read(ref _ended[(int)status])));

    public bool IsActive(RunId id) => _active.Contains(id);

    /// <summary>Starts a new run. The responder is open before the first step begins.</summary>
    /// <returns>The responder; its answer comes whatever happens. The caller closes it.</returns>
    public Responder Start(CompiledWorkflow workflow, int version, string trigger, TriggerData data, RunStart start = default)
    {
        var now = time.GetUtcNow();
        var header = new RunHeader(data.Run ?? RunId.New(now), workflow.Name, version, trigger, now, data.EnvelopeBytes, data.BodyBytes);
        var responder = responders.Open(header.Id);
        // Where no step replies the caller waits for the run to be durable, not for what it does: then the run has nobody to answer.
        var isAcknowledged = !workflow.Replies || start.IsAcknowledgedAtOnce;
        var runLog = new RunLog(queue, header, fence: 1, isNew: true) { Claim = start.Place?.Claim };
        if (start.KeepsReply)
        {
            Keep(runLog, start, workflow);
        }

        if (isAcknowledged && !HasRoom)
        {
            data.Dispose();
            Queue(runLog, responder, start.IsCounted);
            return responder;
        }

        var run = new Run(
            workflow,
            runLog,
            new RunScope(header, data, secrets, options.UuidKey),
            RunHistory.Empty,
            secrets.Masks.Of(workflow),
            isAcknowledged ? null : responder,
            time)
        {
            ReplyWatchers = start.KeepsReply ? Watch : null,
        };

        // Under way before it is in the journal: a sweep for unfinished runs must not take it for one that was left.
        _active.Enter(run, start.IsCounted);
        if (isAcknowledged)
        {
            run.Log.Notify(new Acknowledgement(responder));
        }

        Dispatch(run);
        return responder;
    }

    /// <summary>Goes on with a run that the journal holds; whoever calls has made this host its owner.</summary>
    /// <param name="workflow">What it executes.</param>
    /// <param name="record">The run.</param>
    /// <param name="fence">The fencing number of this host.</param>
    /// <param name="interruption">The deaths of its hosts: it is walked with care then. Null if there is none.</param>
    /// <param name="isRetry">Whether the run is retried since the record was read: the step that it failed at is called again.</param>
    public Run Resume(CompiledWorkflow workflow, RunRecord record, long fence, Interruption? interruption = null, bool isRetry = false)
    {
        var entries = JournalEntryReader.Read(record.Entries);
        var history = RunHistory.Of(isRetry ? entries.Add(new JournalEntry.Retried(time.GetUtcNow())) : entries);
        var run = new Run(
            workflow,
            new RunLog(queue, record.Header, fence, isNew: false),
            new RunScope(record.Header, TriggerData.Restore(record.Header.Envelope, record.Header.Body), secrets, options.UuidKey),
            history,
            secrets.Masks.Of(workflow),
            responders.Find(record.Header.Id),
            time)
        {
            HasReplied = history.HasReplied,
            ReplyWatchers = history.KeepsReply ? Watch : null,
            Probation = interruption is null ? null : new Probation(),
        };
        if (interruption is { IsNew: true })
        {
            run.Log.Append(new JournalEntry.Interrupted(interruption.Step?.Key, time.GetUtcNow()));
            log.LogWarning("Run {RunId} of {Workflow} continues; {Deaths} hosts have crashed with it at {Place}",
                run.Id, workflow.Name, interruption.Deaths, interruption.Step is { } step ? $"step {step.Key}" : "an unknown step");
        }

        LetGoRuns.Remove(run.Id);
        _active.Enter(run, isCounted: false);
        if (_toCancel.TryRemove(run.Id, out _))
        {
            run.TryCancel();
        }

        Dispatch(run);
        return run;
    }

    /// <summary>Asks a run under way to end as cancelled. False where it is not under way here, or was too far: then it has left by now.</summary>
    public async ValueTask<bool> TryCancelAsync(RunId id, CancellationToken cancellationToken)
    {
        if (_active.Find(id) is not { } run)
        {
            return false;
        }

        if (run.TryCancel())
        {
            return true;
        }

        await run.Ended.WaitAsync(cancellationToken);
        return false;
    }

    /// <summary>Tells the caller of a run that was cancelled while it was not under way; no effect where nobody waits.</summary>
    public void AnswerCancelled(RunId id)
    {
        // Heard here: where somebody has it go on later, that is not to be cancelled too.
        _toCancel.TryRemove(id, out _);
        responders.Find(id)?.Settle(OutcomeRecord.Cancelled);
        Watch.Tell(id);
    }

    /// <summary>Makes what a run under way has done so far durable, so that a look into the journal shows it.</summary>
    public async Task FlushAsync(RunId id)
    {
        if (_active.Find(id) is { } run)
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
        if (_active.Find(id) is { } run)
        {
            run.Log.Append(new JournalEntry.Warning(run.Mask.Apply(message), time.GetUtcNow()));
        }
    }

    /// <summary>
    /// Lets the runs under way end by themselves for a while, then stops them where they are. They go on at the next start, so none is lost.
    /// </summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _isStopping = true;
        await WaitUntilIdleAsync(grace);
        foreach (var run in _active.All)
        {
            run.Stop();
        }

        responders.StopAll();
        await WaitUntilIdleAsync(TimeSpan.FromSeconds(2));
        foreach (var run in _active.All)
        {
            OutcomeRecord.AppendLeftOff(run, time.GetUtcNow());
            run.Log.Commit();
        }
    }

    /// <summary>Completes when no run is under way any more.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken) => _active.WhenIdleAsync(cancellationToken);

    /// <summary>Ends the runs whose call has not come back although its token was cancelled a while ago.</summary>
    public void GiveUpStuckCalls()
    {
        foreach (var run in _active.All)
        {
            while (run.TryGiveUp(options.CancellationGrace) is { } call)
            {
                run.Driver!.GiveUp(call);
            }
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
            log.LogInformation("{Count} runs are still active after {Seconds} s", _active.Count, atMost.TotalSeconds);
        }
    }

    private void Keep(RunLog log, RunStart start, CompiledWorkflow workflow)
    {
        var now = log.Header.StartedAt;
        log.Append(new JournalEntry.ReplyKept(!workflow.Replies, now)
        {
            Acknowledgement = start.Acknowledgement is { } reply ? secrets.Masks.Of(workflow).Apply(reply, now) : null,
        });
        if (start.Place is { } place)
        {
            place.Begin(log.Header.Id);
            // No commit for the claim alone: it travels with the first write, whatever that is for.
            log.Observe(place);
        }
    }

    // Its caller waits for nothing but the commit. From then on it is in the journal alone, and recovery takes it up when its turn comes.
    private void Queue(RunLog runLog, Responder responder, bool isCounted)
    {
        if (isCounted)
        {
            // It is counted again when it is taken up.
            Loads.Of(runLog.Header.Workflow).Leave();
        }

        Backlog.Add();
        runLog.SetStatus(RunStatus.Queued);
        runLog.Notify(new QueuedAcknowledgement(Backlog, responder));
    }

    private void Leave(Run run, StepOutcome outcome)
    {
        _active.Leave(run);
        run.Probation?.End();
        run.Dispose();
        run.MarkEnded();
        LeftOff?.Invoke(run.Id, outcome);
        Watch.Tell(run.Id);
    }

    private void Dispatch(Run run)
    {
        var plan = _plans.GetValue(run.Workflow, static workflow => new StrongBox<ImmutableArray<PlanStep>>(NodePlan.Of(workflow.Steps)));
        run.Driver = new RunDriver(run, plan.Value, steps, options.Scheduler, time, this);
        run.Driver.Start();
    }

    // The walk is over when its outcome is appended; the run has left when that is durable.
    void IRunOwner.End(Run run, StepOutcome came)
    {
        var outcome = run.EndWalk(came);
        OutcomeRecord.Append(run, outcome, time.GetUtcNow());
        // On a quiet host waking the writer would take longer than the rest of the run.
        var isAlone = ActiveCount == 1;
        run.Log.Notify(new Ending(this, run, outcome), canWait: isAlone);
        if (isAlone)
        {
            run.Log.WriteWhereAlone();
        }
    }

    void IRunOwner.LetGo(Run run, Exception exception) => LetGo(run, exception);

    // Whatever a defect of ours throws ends this run as failed, and no other.
    StepOutcome IRunOwner.Defect(Run run, Exception exception)
    {
        log.LogError(exception, "Run {RunId} of {Workflow} met a defect of the host", run.Id, run.Workflow.Name);
        return StepOutcome.Failed("", new NodeFailure(FailureKind.Defect, "The host failed unexpectedly while it ran this workflow; its log has the details."));
    }

    // The run's last entries are durable: the caller who still waits is answered, and the run has left.
    private void Settle(Run run, StepOutcome outcome)
    {
        if (run.Responder is { } responder)
        {
            OutcomeRecord.Answer(responder, outcome);
        }

        if (outcome.Kind == OutcomeKind.Failed)
        {
            log.LogWarning("Run {RunId} of {Workflow} failed at step {Step}: {Kind}: {Message}",
                run.Id, run.Workflow.Name, outcome.FailedStep, outcome.Failure!.Kind, outcome.Failure.Message);
        }
        else if (outcome.Kind == OutcomeKind.Held)
        {
            log.LogWarning("Run {RunId} of {Workflow} waits: {Reason}", run.Id, run.Workflow.Name, outcome.Message);
        }

        if (OutcomeRecord.StatusOf(outcome.Kind) is { } status)
        {
            Interlocked.Increment(ref _ended[(int)status]);
        }

        Leave(run, outcome);
    }

    private void LetGo(Run run, Exception exception)
    {
        log.LogWarning("Run {RunId} of {Workflow} is interrupted: {Reason}", run.Id, run.Workflow.Name, exception.Message);
        run.Responder?.TryAbandon(exception.Message);
        run.EndWalk(StepOutcome.LetGo());
        if (exception is JournalUnavailableException unavailable && (!unavailable.IsOfOneRun || run.Log.Fence > 1))
        {
            LetGoRuns.Add(run.Id);
        }

        if (run.IsCancelRequested)
        {
            _toCancel[run.Id] = true;
        }

        Leave(run, exception is JournalUnavailableException { IsOfOneRun: false } ? StepOutcome.LetGo() : StepOutcome.LeftOff());
    }

    /// <summary>The end of a walk, once it is durable.</summary>
    private sealed class Ending(Runner runner, Run run, StepOutcome outcome) : IDurabilityObserver
    {
        public void OnSettled(Exception? failure)
        {
            if (failure is null)
            {
                runner.Settle(run, outcome);
            }
            else
            {
                runner.LetGo(run, failure);
            }
        }
    }
}
