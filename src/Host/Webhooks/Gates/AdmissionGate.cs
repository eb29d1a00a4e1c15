using Sluice.Engine.Execution;
using Sluice.Engine.Journal;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Lets nothing in that the host can't take now: past its bounds, while it drains, while nothing can be stored.</summary>
internal sealed class AdmissionGate(Admission admission, ICommitQueue queue, Runner runner)
{
    /// <summary>Null if the host takes the request.</summary>
    public IEarlyAnswer? Check(WebhookRequest request) => admission.Refuse(HasRoomFor(request), queue.IsWritable);

    // A caller who waits for a reply needs a run that is under way. One who waits only for the run to be durable is served as well by one that waits.
    private bool HasRoomFor(WebhookRequest request) =>
        runner.Capacity.HasRoom || ((!request.Workflow.Compiled.Replies || request.Preference is { IsImmediate: true }) && !runner.Backlog.IsFull);
}
