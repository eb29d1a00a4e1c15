using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes over the runs that wait for room, oldest first, whenever the host has some.</summary>
/// <param name="runner">Says how much room there is.</param>
/// <param name="intake">Takes them over.</param>
/// <param name="log">Receives the failures.</param>
/// <param name="stopping">Cancelled when the host stops.</param>
internal sealed class QueuedRuns(Runner runner, RunIntake intake, ILogger log, CancellationToken stopping)
{
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
            await TakeAsync();
        }
    }

    private async Task TakeAsync()
    {
        try
        {
            RunSelection? next = new RunSelection.Queued();
            while (next is not null && runner is { IsStopping: false, Capacity.RoomForQueued: > 0 and var room })
            {
                (_, next) = await intake.TakePageAsync(next, room, seen: null, stopping);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or JournalUnavailableException)
        {
            log.LogDebug("The runs that wait for room can't be taken over now: {Reason}", exception.Message);
        }
        catch (Exception exception)
        {
            log.LogError(exception, "The runs that wait for room can't be looked up; the next run that ends has it tried again");
        }
    }
}
