using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes over the runs that wait for room, oldest first, whenever the host has some.</summary>
/// <param name="runner">Says how much room there is.</param>
/// <param name="intake">Takes them over.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Receives the failures.</param>
/// <param name="stopping">Cancelled when the host stops.</param>
internal sealed class QueuedRuns(Runner runner, RunIntake intake, TimeProvider time, ILogger log, CancellationToken stopping)
{
    // After a look that failed.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Looks at the queue at each change of the backlog, until the host stops.</summary>
    public async Task WatchAsync()
    {
        for (var changed = runner.Backlog.Changed; ;)
        {
            await changed;
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            // Ahead of the look: what changes during it causes one more.
            changed = runner.Backlog.Changed;
            if (!await TryTakeAsync())
            {
                changed = Task.WhenAny(changed, Task.Delay(Pause, time, stopping));
            }
        }
    }

    // False if it must be tried again although nothing changes.
    private async Task<bool> TryTakeAsync()
    {
        try
        {
            RunSelection? next = new RunSelection.Queued();
            while (next is not null && runner is { IsStopping: false, Capacity.RoomForQueued: > 0 and var room })
            {
                (_, next) = await intake.TakePageAsync(next, room, seen: null, stopping);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            log.LogDebug("The host stops: runs that wait for room continue at the next start.");
            return true;
        }
        catch (JournalUnavailableException unavailable)
        {
            log.LogDebug("The runs that wait for room can't be taken over now: {Reason}", unavailable.Message);
            return false;
        }
        catch (Exception exception)
        {
            log.LogError(exception, "The runs that wait for room can't be looked up; the next look is in a second");
            return false;
        }
    }
}
