using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Blobs;

/// <summary>Deletes the blobs that no run needs any more: of runs that ended long enough ago, and of runs that never came to be.</summary>
internal sealed class BlobSweep(BlobStore store, IRunStore runs, TimeSpan retention, TimeProvider time, ILogger<BlobSweep> log)
{
    /// <summary>How often it is looked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    // From keeping a run's files to its first commit it takes milliseconds.
    private static readonly TimeSpan UnbornFor = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Sweeps now and at each interval, until it is cancelled.</summary>
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
            log.LogDebug("The host stops, and with it the sweeping of files");
        }
    }

    /// <summary>Looks at every run that has blobs, and deletes those that are due. Returns of how many runs.</summary>
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
                log.LogWarning(failure, "The files of run {RunId} could not be looked after; the next sweep tries again", run);
            }
        }

        return deleted;
    }

    private async ValueTask<bool> IsDueAsync(RunId run, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var isOfAnEarlierHost = run.CreatedAt < _started;
        // Too young to have ended long enough ago, and not old enough to be sure that it will never be: not worth a look.
        if (!isOfAnEarlierHost && now - run.CreatedAt < (retention < UnbornFor ? retention : UnbornFor))
        {
            return false;
        }

        return await runs.FindAsync(run, cancellationToken) is { } record
            ? record.FinishedAt + retention <= now
            : isOfAnEarlierHost || now - run.CreatedAt >= UnbornFor;
    }
}
