using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Journal;

/// <summary>Puts runs into a status by the entry or the call that the engine would use.</summary>
internal static class RunStatuses
{
    public static void SetStatus(this RunLog log, RunStatus status, DateTimeOffset? finishedAt = null)
    {
        switch (status)
        {
            case RunStatus.Queued:
                log.Queue();
                break;
            case RunStatus.Running:
                log.Append(new JournalEntry.Retried(default));
                break;
            case RunStatus.Suspended:
                log.Suspend([new Wait("a", 1) { DueAt = DateTimeOffset.MaxValue }]);
                break;
            case RunStatus.Quarantined:
                log.Append(new JournalEntry.Quarantined(null, null, "", default));
                break;
            default:
                log.Append(new JournalEntry.Ended(status, null, null, finishedAt ?? default));
                break;
        }
    }
}
