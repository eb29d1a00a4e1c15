using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes up the runs that are queued, oldest first, as the host has room for them.</summary>
/// <param name="runner">Says how much room there is.</param>
/// <param name="intake">Takes them up.</param>
/// <param name="log">Receives the failures.</param>
/// <param name="stopping">Cancelled when the host stops.</param>
internal sealed class QueuedRuns(Runner runner, RunIntake intake, ILogger log, CancellationToken stopping)
{
    // Where the draining stands.
    private const int Idle = 0;
    private const int Draining = 1;
    private const int LookAgain = 2;

    private int _drain;

    /// <summary>Starts a look at the queue and returns at once. Only one runs at a time; a request during a look causes one more.</summary>
    public void Drain() => _ = DrainAsync();

    private async Task DrainAsync()
    {
        if (Interlocked.Exchange(ref _drain, LookAgain) != Idle)
        {
            return;
        }

        await Task.Yield();
        try
        {
            do
            {
                Volatile.Write(ref _drain, Draining);
                await DrainOnceAsync();
            }
            while (Interlocked.CompareExchange(ref _drain, Idle, Draining) != Draining);
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _drain, Idle);
            if (exception is not (OperationCanceledException or JournalUnavailableException or ObjectDisposedException))
            {
                log.LogError(exception, "The runs that wait for room can't be looked up; the next run that ends has it tried again");
            }
        }
    }

    private async Task DrainOnceAsync()
    {
        RunSelection? next = new RunSelection.Queued();
        while (next is not null && runner is { IsStopping: false, RoomForQueued: > 0 and var room })
        {
            (_, next) = await intake.TakePageAsync(next, room, seen: null, stopping);
        }
    }
}
