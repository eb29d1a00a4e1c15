using Sluice.Engine.Journal;
using Sluice.Engine.Replies;

namespace Sluice.Engine.Execution;

/// <summary>The answer to the caller of a run that waits for room, once it waits durably.</summary>
internal sealed class QueuedAcknowledgement(Backlog backlog, Responder responder) : IDurabilityObserver
{
    public void OnSettled(Exception? failure)
    {
        if (failure is null)
        {
            responder.Settle(new Answer.Acknowledged());
            backlog.NoteStored();
        }
        else
        {
            responder.TryAbandon(failure.Message);
            backlog.Remove();
        }
    }
}

/// <summary>The answer to a caller who waits only for the run to be durable.</summary>
internal sealed class Acknowledgement(Responder responder) : IDurabilityObserver
{
    public void OnSettled(Exception? failure)
    {
        if (failure is null)
        {
            responder.Settle(new Answer.Acknowledged());
        }
        else
        {
            responder.TryAbandon(failure.Message);
        }
    }
}
