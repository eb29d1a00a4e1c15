using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>What the outcome of a walk means for the journal and for the waiting caller.</summary>
internal static class OutcomeRecord
{
    /// <summary>The status of a run that ended so; null if it did not end.</summary>
    public static RunStatus? StatusOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.GoOn or OutcomeKind.Succeeded => RunStatus.Succeeded,
        OutcomeKind.Failed => RunStatus.Failed,
        OutcomeKind.Cancelled => RunStatus.Cancelled,
        _ => null,
    };

    /// <summary>Appends the outcome to the run's journal.</summary>
    public static void Append(Run run, StepOutcome outcome, DateTimeOffset now)
    {
        if (StatusOf(outcome.Kind) is { } status)
        {
            run.Log.Append(new JournalEntry.Ended(status, outcome.Failure, outcome.Message, now));
            run.Log.SetStatus(status, finishedAt: now);
        }
        else if (outcome.Kind == OutcomeKind.Suspended)
        {
            run.Log.Suspend(outcome.Waits!);
        }
        else if (outcome.Kind == OutcomeKind.Held)
        {
            run.Log.Append(new JournalEntry.Warning($"The run waits. {outcome.Message}", now));
            run.Log.Suspend(outcome.Waits!);
        }
        else if (outcome.Kind == OutcomeKind.LeftOff)
        {
            AppendLeftOff(run, now);
        }
    }

    /// <summary>Notes that the stopping host left the run where it is, so that the next start does not count a death.</summary>
    public static void AppendLeftOff(Run run, DateTimeOffset now) => run.Log.Append(new JournalEntry.LeftOff(run.Log.Fence, now));

    /// <summary>Tells the caller who still waits; called when the outcome is durable.</summary>
    public static void Answer(Responder responder, StepOutcome outcome)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.GoOn or OutcomeKind.Succeeded:
                responder.Settle(new Answer.Acknowledged());
                break;
            case OutcomeKind.Failed:
                responder.Settle(new Answer.Failed(outcome.Failure!));
                break;
            case OutcomeKind.Cancelled:
                responder.Settle(Cancelled);
                break;
            case OutcomeKind.Held:
                responder.Settle(new Answer.Held(outcome.Message!));
                break;
            case OutcomeKind.LeftOff:
                responder.TryStop();
                break;
        }
    }

    /// <summary>The answer to the caller of a cancelled run.</summary>
    public static Answer.Failed Cancelled => new(new NodeFailure(FailureKind.Cancelled, "The run was cancelled."));
}
