using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes up the runs that are queued, oldest first, as the host has room for them.</summary>
/// <param name="runs">Holds them.</param>
/// <param name="runner">Says whether there is room.</param>
/// <param name="takeUp">Takes one up.</param>
/// <param name="log">Receives the failures.</param>
/// <param name="stopping">Cancelled when the host stops.</param>
internal sealed class QueuedRuns(IRunStore runs, Runner runner, Func<RunId, CancellationToken, Task> takeUp, ILogger log, CancellationToken stopping)
{
    private const int PageSize = 200;

    // Where the draining stands.
    private const int Idle = 0;
    private const int Draining = 1;
    private const int LookAgain = 2;

    private int _drain;

    private bool HasRoom => runner is { IsStopping: false, HasRoomForQueued: true };

    /// <summary>Starts a look at the queue and returns at once. Only one runs at a time; a request during a look causes one more.</summary>
    public void Drain() => _ = DrainAsync();

    private async Task DrainAsync()
    {
        if (Interlocked.Exchange(ref _drain, LookAgain) != Idle)
        {
            return;
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
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
        RunId? after = null;
        while (HasRoom && await runs.QueuedAsync(after, PageSize, stopping) is { Count: > 0 } page)
        {
            foreach (var id in page.TakeWhile(_ => HasRoom))
            {
                await takeUp(id, stopping);
            }

            after = page[^1];
        }
    }
}
