using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Ends runs whose walk is over: in the journal first, then for the caller who waits.</summary>
internal sealed class RunEndings(ActiveRuns active, Backlog backlog, TimeProvider time, ILogger log) : IRunOwner
{
    private readonly Channel<Departure> _departures = Channel.CreateUnbounded<Departure>(new UnboundedChannelOptions { SingleReader = true });
    private readonly long[] _ended = new long[Enum.GetValues<RunStatus>().Length];

    /// <summary>Where those wait who ask for the reply of a run that another request started.</summary>
    public RunWatch Watch { get; } = new();

    /// <summary>The runs that were detached and have not continued.</summary>
    public DetachedRuns Detached { get; } = new();

    /// <summary>The runs that left without having ended, in the order in which they left.</summary>
    public ChannelReader<Departure> Departures => _departures.Reader;

    /// <summary>How many runs have ended since the start, by status.</summary>
    public IEnumerable<(RunStatus Status, long Count)> Ended =>
        new[] { RunStatus.Succeeded, RunStatus.Failed, RunStatus.Cancelled }.Select(status => (status, Interlocked.Read(ref _ended[(int)status])));

    // The walk is over when its outcome is appended; the run has left when that is durable.
    public void End(Run run, StepOutcome result)
    {
        var outcome = run.EndWalk(result);
        OutcomeRecord.Append(run.Log, outcome, time.GetUtcNow());
        // On a quiet host waking the writer would take longer than the rest of the run.
        var isAlone = active.Count == 1;
        run.Log.Notify(new Ending(this, run, outcome), canWait: isAlone);
        if (isAlone)
        {
            run.Log.WriteWhereAlone();
        }
    }

    public void Detach(Run run, Exception exception)
    {
        log.LogWarning("Run {RunId} of {Workflow} is interrupted: {Reason}", run.Id, run.Workflow.Name, exception.Message);
        run.Reply.Responder?.TryAbandon(exception.Message);
        run.EndWalk(StepOutcome.Detached());
        if (exception is JournalUnavailableException unavailable && (!unavailable.IsOfOneRun || run.Log.Fence > 1))
        {
            Detached.Add(run.Id);
        }

        if (run.IsCancelRequested)
        {
            Detached.NoteCancellation(run.Id);
        }

        Leave(run, exception is JournalUnavailableException { IsOfOneRun: false } ? StepOutcome.Detached() : StepOutcome.LeftOff());
    }

    // Whatever a defect of ours throws ends this run as failed, and no other.
    public StepOutcome Defect(Run run, Exception exception)
    {
        log.LogError(exception, "Run {RunId} of {Workflow} met a defect of the host", run.Id, run.Workflow.Name);
        return StepOutcome.Failed("", new NodeFailure(FailureKind.Defect, "The host failed unexpectedly while it ran this workflow; its log has the details."));
    }

    // The run's last entries are durable: the caller who still waits gets a response, and the run has left.
    private void Settle(Run run, StepOutcome outcome)
    {
        if (run.Reply.Responder is { } responder)
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

    private void Leave(Run run, StepOutcome outcome)
    {
        RunActivities.End(run, outcome);
        active.Leave(run);
        run.Probation?.End();
        run.Dispose();
        run.MarkEnded();
        backlog.NoteRoom();
        if (outcome.Kind is OutcomeKind.Suspended or OutcomeKind.Held or OutcomeKind.Detached)
        {
            // Never false: the channel has no bound and is never completed.
            _departures.Writer.TryWrite(new Departure(run.Id, outcome));
        }

        Watch.Tell(run.Id);
    }

    /// <summary>The end of a walk, once it is durable.</summary>
    private sealed class Ending(RunEndings endings, Run run, StepOutcome outcome) : IDurabilityObserver
    {
        public void OnSettled(Exception? failure)
        {
            if (failure is null)
            {
                endings.Settle(run, outcome);
            }
            else
            {
                endings.Detach(run, failure);
            }
        }
    }
}
