using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Blobs;

/// <summary>
/// Deletes blobs that are no longer needed: those of runs past their retention, and those of runs that were never created.
/// </summary>
internal sealed class BlobSweep(BlobStore store, IRunStore runs, TimeSpan retention, TimeProvider time, ILogger<BlobSweep> log)
{
    /// <summary>The time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    // The time between keeping a run's files and its first commit is a few milliseconds.
    private static readonly TimeSpan UnbornFor = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Sweeps now and then at each interval, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await SweepAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            log.LogDebug("The host is stopping, which ends the sweep of uploaded files");
        }
    }

    /// <summary>Checks every run that has blobs, deletes the blobs that are due, and returns the number of runs they belonged to.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var run in store.Runs())
        {
            try
            {
                if (await IsDueAsync(run, cancellationToken))
                {
                    store.Delete(run);
                    deleted++;
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.LogWarning(failure, "The files of run {RunId} could not be swept; the next sweep tries again", run);
            }
        }

        return deleted;
    }

    private async ValueTask<bool> IsDueAsync(RunId run, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var isOfAnEarlierHost = run.CreatedAt < _started;
        // The run can't be past its retention yet, and may still be created.
        if (!isOfAnEarlierHost && now - run.CreatedAt < (retention < UnbornFor ? retention : UnbornFor))
        {
            return false;
        }

        return await runs.FindAsync(run, cancellationToken) is { } record
            ? record.FinishedAt + retention <= now
            : isOfAnEarlierHost || now - run.CreatedAt >= UnbornFor;
    }
}
