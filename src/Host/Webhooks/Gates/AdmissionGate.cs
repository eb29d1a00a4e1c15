using Sluice.Engine.Execution;
using Sluice.Engine.Journal;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Lets nothing in that the host can't take now: past its bounds, while it drains, while nothing can be stored.</summary>
internal sealed class AdmissionGate(Admission admission, IJournal journal, Runner runner) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(admission.Refuse(runner.ActiveCount, journal.IsWritable));
}
