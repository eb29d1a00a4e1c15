using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Execution;

/// <summary>Starts and continues runs, and reaches those that are active: to cancel, to flush, to stop.</summary>
/// <remarks>
/// Each run is executed on a pool thread of its own flow, never on the request's: a node that blocks costs its caller the deadline, not the response.
/// A run that can't be made durable is detached; what of it was durable continues when the journal can be written.
/// </remarks>
internal sealed class Runner
{
    private readonly ICommitQueue _queue;
    private readonly ResponderRegistry _responders;
    private readonly StepRunner _steps;
    private readonly ISecrets _secrets;
    private readonly ExecutionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Runner> _log;
    private readonly ActiveRuns _active = new();
    private readonly RunEndings _endings;
    private readonly ConditionalWeakTable<CompiledWorkflow, StrongBox<ImmutableArray<PlanStep>>> _plans = [];
    private volatile bool _isStopping;
    private volatile bool _hasStoppedRuns;

    public Runner(
        ICommitQueue queue, ResponderRegistry responders, StepRunner steps, ISecrets secrets, ExecutionOptions options, TimeProvider time, ILogger<Runner> log)
    {
        _queue = queue;
        _responders = responders;
        _steps = steps;
        _secrets = secrets;
        _options = options;
        _time = time;
        _log = log;
        Backlog = new Backlog(options.MaxQueuedRuns);
        Capacity = new RunCapacity(_active, Backlog, options.MaxRuns);
        _endings = new RunEndings(_active, Backlog, time, log);
    }

    /// <summary>The runs that wait in the journal for room.</summary>
    public Backlog Backlog { get; }

    /// <summary>Whether there is room for more active runs.</summary>
    public RunCapacity Capacity { get; }

    /// <summary>Where those wait who ask for the reply of a run that another request started.</summary>
    public RunWatch Watch => _endings.Watch;

    /// <summary>The runs that were detached and have not continued.</summary>
    public DetachedRuns Detached => _endings.Detached;

    /// <summary>The runs that left without having ended.</summary>
    public ChannelReader<Departure> Departures => _endings.Departures;

    /// <summary>How many runs have ended since the start, by status.</summary>
    public IEnumerable<(RunStatus Status, long Count)> Ended => _endings.Ended;

    /// <summary>How many runs of each workflow are active.</summary>
    public WorkflowLoads Loads => _active.Loads;

    /// <summary>How many runs are active.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>The host stops: no run is taken over any more.</summary>
    public bool IsStopping => _isStopping;

    public bool IsActive(RunId id) => _active.Contains(id);

    /// <summary>Starts a new run. The responder is open before the first step begins.</summary>
    /// <returns>The responder; its answer comes whatever happens. The caller closes it.</returns>
    public Responder Start(CompiledWorkflow workflow, int version, string trigger, TriggerData data, RunStart start = default)
    {
        var now = _time.GetUtcNow();
        var header = new RunHeader(data.Run ?? RunId.New(now), workflow.Name, version, trigger, now, data.EnvelopeBytes, data.BodyBytes);
        var responder = _responders.Open(header.Id);
        // Where no step replies the caller waits for the run to be durable, not for what it does: then the run has nobody to answer.
        var isAcknowledged = !workflow.Replies || start.IsAcknowledgedAtOnce;
        var runLog = new RunLog(_queue, header, fence: 1, isNew: true) { Claim = start.Place?.Claim };
        if (start.KeepsReply)
        {
            Keep(runLog, start, workflow);
        }

        if (isAcknowledged && !Capacity.HasRoom)
        {
            data.Dispose();
            Queue(runLog, responder, start.IsCounted);
            return responder;
        }

        var run = new Run(
            workflow,
            runLog,
            new RunScope(header, data, _secrets, _options.UuidKey),
            RunHistory.Empty,
            _secrets.Masks.Of(workflow),
            isAcknowledged ? null : responder,
            start.KeepsReply ? Watch : null,
            _time)
        {
            Activity = RunActivities.Start(header),
        };
        run.Driver = DriverOf(run);

        // Active before it is in the journal: a sweep must not take it for a run that a host left.
        _active.Enter(run, start.IsCounted);
        if (isAcknowledged)
        {
            run.Log.Notify(new Acknowledgement(responder));
        }

        Dispatch(run);
        return responder;
    }

    /// <summary>Continues a run that is in the journal. The caller has made this host its owner.</summary>
    /// <param name="workflow">What it executes.</param>
    /// <param name="record">The run.</param>
    /// <param name="fence">The fencing number of this host.</param>
    /// <param name="interruption">The crashes of its hosts, after which it runs on probation. Null if there is none.</param>
    /// <param name="isRetry">Whether the run is retried since the record was read: the step that it failed at is called again.</param>
    /// <param name="place">The place that the run occupies until it leaves; null for none. If this throws, it is still the caller's.</param>
    public Run Resume(
        CompiledWorkflow workflow, RunRecord record, long fence, Interruption? interruption = null, bool isRetry = false, IDisposable? place = null)
    {
        var entries = JournalEntryReader.Read(record.Entries);
        var history = RunHistory.Of(isRetry ? entries.Add(new JournalEntry.Retried(_time.GetUtcNow())) : entries, record.Signals);
        var run = new Run(
            workflow,
            new RunLog(_queue, record.Header, fence, isNew: false),
            new RunScope(record.Header, TriggerData.Restore(record.Header.Envelope, record.Header.Body), _secrets, _options.UuidKey),
            history,
            _secrets.Masks.Of(workflow),
            _responders.Find(record.Header.Id),
            history.KeepsReply ? Watch : null,
            _time)
        {
            Probation = interruption is null ? null : new Probation(),
            Activity = RunActivities.Start(record.Header),
        };
        run.Driver = DriverOf(run);
        if (interruption is { IsNew: true })
        {
            _log.LogWarning("Run {RunId} of {Workflow} continues; {Deaths} hosts have crashed with it at {Place}",
                run.Id, workflow.Name, interruption.Deaths, interruption.Step is { } step ? $"step {step.Key}" : "an unknown step");
        }

        if (record.Status == RunStatus.Queued)
        {
            _options.Metrics?.QueueTime.Record((_time.GetUtcNow() - record.Header.StartedAt).TotalSeconds);
        }

        Detached.Remove(run.Id);
        _active.Enter(run, isCounted: false);
        run.Place = place;
        if (Detached.TryTakeCancellation(run.Id))
        {
            run.TryCancel();
        }

        Dispatch(run);
        return run;
    }

    /// <summary>Asks an active run to end as cancelled. False if it is not active here, or if its walk was over: then it is no longer active.</summary>
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

    /// <summary>Notifies the caller of a run that was cancelled while it was not active; no effect if nobody waits.</summary>
    public void AnswerCancelled(RunId id)
    {
        // A later retry must not be cancelled, too.
        Detached.TryTakeCancellation(id);
        _responders.Find(id)?.Settle(OutcomeRecord.Cancelled);
        Watch.Tell(id);
    }

    /// <summary>Makes the progress of an active run durable, so that readers of the journal see it.</summary>
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
                _log.LogInformation("Run {RunId} is shown as far as it is durable: {Reason}", id, exception.Message);
            }
        }
    }

    /// <summary>Wakes the step of an active run that waits for a signal; no effect if none does.</summary>
    /// <param name="id">The run.</param>
    /// <param name="signal">The signal, which is stored.</param>
    public void Wake(RunId id, Signal signal) => _active.Find(id)?.Driver!.Wake(signal);

    /// <summary>Notes that the caller of a run hung up.</summary>
    public void Warn(RunId id, string message)
    {
        if (_active.Find(id) is { } run)
        {
            run.Log.Append(new JournalEntry.Warning(run.Mask.Apply(message), _time.GetUtcNow()));
        }
    }

    /// <summary>
    /// Gives the active runs time to end, then stops the rest. These continue at the next start.
    /// </summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _isStopping = true;
        await WaitUntilIdleAsync(grace);
        _hasStoppedRuns = true;
        foreach (var run in _active.All)
        {
            run.Stop();
        }

        _responders.StopAll();
        await WaitUntilIdleAsync(TimeSpan.FromSeconds(2));
        foreach (var run in _active.All)
        {
            OutcomeRecord.AppendLeftOff(run.Log, _time.GetUtcNow());
            run.Log.Commit();
        }
    }

    /// <summary>Completes when no run is active.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken) => _active.WhenIdleAsync(cancellationToken);

    /// <summary>Ends the runs whose call has not come back although its token was cancelled a while ago.</summary>
    public void GiveUpStuckCalls()
    {
        foreach (var run in _active.All)
        {
            while (run.TryGiveUp(_options.CancellationGrace) is { } call)
            {
                run.Driver!.GiveUp(call);
            }
        }
    }

    private async Task WaitUntilIdleAsync(TimeSpan atMost)
    {
        using var timeout = new CancellationTokenSource(atMost, _time);
        try
        {
            await WhenIdleAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _log.LogInformation("{Count} runs are still active after {Seconds} s", _active.Count, atMost.TotalSeconds);
        }
    }

    private void Keep(RunLog runLog, RunStart start, CompiledWorkflow workflow)
    {
        var now = runLog.Header.StartedAt;
        runLog.Append(new JournalEntry.ReplyKept(!workflow.Replies, now)
        {
            Acknowledgement = start.Acknowledgement is { } reply ? _secrets.Masks.Of(workflow).Apply(reply, now) : null,
        });
        if (start.Place is { } place)
        {
            place.Begin(runLog.Header.Id);
            // No commit for the claim alone: it travels with the first write, whatever that is for.
            runLog.Observe(place);
        }
    }

    // Its caller only waits for the commit. From then on the run is in the journal alone, until recovery takes it over.
    private void Queue(RunLog runLog, Responder responder, bool isCounted)
    {
        if (isCounted)
        {
            // It is counted again when it becomes active.
            Loads.Of(runLog.Header.Workflow).Leave();
        }

        Backlog.Add();
        runLog.Queue();
        runLog.Notify(new QueuedAcknowledgement(Backlog, responder));
    }

    private RunDriver DriverOf(Run run)
    {
        var plan = _plans.GetValue(run.Workflow, static workflow => new StrongBox<ImmutableArray<PlanStep>>(NodePlan.Of(workflow.Steps)));
        return new RunDriver(run, plan.Value, _steps, _options.Scheduler, _time, _endings);
    }

    private void Dispatch(Run run)
    {
        if (_hasStoppedRuns)
        {
            // It became active too late to be stopped with the others.
            run.Stop();
        }

        run.Driver!.Start();
    }
}
