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

    /// <summary>Appends the outcome to a run's journal.</summary>
    public static void Append(RunLog log, StepOutcome outcome, DateTimeOffset now)
    {
        switch (outcome.Kind)
        {
            case OutcomeKind.Suspended:
                log.Suspend(outcome.Waits!);
                break;
            case OutcomeKind.Held:
                log.Append(new JournalEntry.Warning($"The run waits. {outcome.Message}", now));
                log.Suspend(outcome.Waits!);
                break;
            case OutcomeKind.LeftOff:
                AppendLeftOff(log, now);
                break;
            default:
                if (StatusOf(outcome.Kind) is { } status)
                {
                    log.Append(new JournalEntry.Ended(status, outcome.Failure, outcome.Message, now));
                }

                break;
        }
    }

    /// <summary>Records that the stopping host left the run off, so that the next start does not count a crash.</summary>
    public static void AppendLeftOff(RunLog log, DateTimeOffset now) => log.Append(new JournalEntry.LeftOff(log.Fence, now));

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
