using Microsoft.Extensions.Logging;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Journal;

/// <summary>
/// Deletes ended runs beyond the retention, every minute, in batches so small that no commit waits long for one, and once an hour old workflow versions.
/// </summary>
/// <remarks>
/// A run that has not ended is never deleted, nor one whose idempotency key still answers repeated deliveries. A sweep looks at what came since the last one
/// and at what it deletes. Once an hour, and when a bound changes, it looks at all runs: at those, too, that could not be deleted when their turn came.
/// </remarks>
/// <param name="store">The runs.</param>
/// <param name="host">The bounds of all runs together; the age is also that of each workflow without one of its own.</param>
/// <param name="keptVersions">How many of the newest versions of each workflow are kept; of the older ones, those that a kept run refers to.</param>
/// <param name="ofWorkflows">The bounds of the workflows that have their own, by name.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Receives what was deleted, and failures.</param>
internal sealed class RetentionSweep(
    IRunRetention store, RetentionSettings host, int keptVersions, Func<IReadOnlyDictionary<string, RetentionSettings>> ofWorkflows, TimeProvider time, ILogger<RetentionSweep> log)
{
    /// <summary>How many runs one commit deletes.</summary>
    public const int BatchSize = 100;

    /// <summary>The time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The time between two looks at all runs.</summary>
    public static readonly TimeSpan WholeInterval = TimeSpan.FromHours(1);

    /// <summary>How long ago a version was replaced before it may be deleted: a run that began with it is stored by then, or never.</summary>
    public static readonly TimeSpan VersionGrace = TimeSpan.FromDays(1);

    private const int PageSize = 2000;

    // How many index entries a look for the excess of workflows may cost for each run that it deletes.
    private const int EntriesPerRun = 1000;

    private readonly RetentionProgress _progress = new();

    private long _byAge;
    private long _byCount;
    private long _bySize;

    /// <summary>How many runs were deleted, by the bound that they were beyond.</summary>
    public IReadOnlyList<(string Bound, long Count)> Deleted =>
        [("age", Interlocked.Read(ref _byAge)), ("count", Interlocked.Read(ref _byCount)), ("size", Interlocked.Read(ref _bySize))];

    /// <summary>Sweeps at each interval, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, cancellationToken);
                await TrySweepAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            log.LogDebug("The host stops, and with it the deletion of old runs.");
        }
    }

    /// <summary>Goes through the runs once and deletes those that are beyond a bound.</summary>
    /// <exception cref="JournalUnavailableException">The journal can't be read or written now.</exception>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var workflows = ofWorkflows();
        if (_progress.IsWholeDue(time.GetUtcNow(), workflows))
        {
            _progress.Reset(workflows);
        }

        if (host.Runs is not null || workflows.Values.Any(bounds => bounds is not { Runs: null, Bytes: null }))
        {
            _progress.Add(await store.CountAsync(_progress.LastRun, cancellationToken));
        }

        Interlocked.Add(ref _byAge, await DeleteByAgeAsync(workflows, cancellationToken));
        await DeleteByWorkflowAsync(workflows, cancellationToken);
        if (host.Runs is { } most)
        {
            var excess = _progress.Runs - most;
            Interlocked.Add(ref _byCount, await DeleteOldestAsync(deleted => new(excess - deleted), cancellationToken));
        }

        if (host.Bytes is { } bytes)
        {
            Interlocked.Add(
                ref _bySize,
                await DeleteOldestAsync(async _ => await store.UsedBytesAsync(cancellationToken) > bytes ? BatchSize : 0, cancellationToken));
        }

        if (_progress.IsWhole && await store.DeleteVersionsAsync(keptVersions, time.GetUtcNow() - VersionGrace, cancellationToken) is var versions and > 0)
        {
            log.LogInformation("{Count} old workflow versions without runs are deleted.", versions);
        }

        if (_progress.IsWhole)
        {
            _progress.EndWhole(time.GetUtcNow() + WholeInterval);
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        var before = Deleted.Sum(deleted => deleted.Count);
        try
        {
            await SweepAsync(cancellationToken);
        }
        catch (JournalUnavailableException failure)
        {
            log.LogInformation("Runs beyond the retention stay until the next sweep: {Reason}", failure.Message);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            log.LogError(failure, "The deletion of old runs failed; the next sweep tries again");
        }

        if (Deleted.Sum(deleted => deleted.Count) - before is var count and > 0)
        {
            log.LogInformation("{Count} runs beyond the retention are deleted.", count);
        }
    }

    private async Task<int> DeleteByAgeAsync(IReadOnlyDictionary<string, RetentionSettings> workflows, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var deleted = 0;
        foreach (var age in workflows.Values.Select(settings => settings.Age).Append(host.Age).OfType<TimeSpan>().Distinct())
        {
            var after = _progress.AgedTo(age);
            while (await store.OldestAsync(after, now - age, PageSize, cancellationToken) is { Count: > 0 } page)
            {
                deleted += await DeleteAsync([.. page.Where(run => AgeOf(run.Workflow) == age).Select(run => run.Id)], now - age, cancellationToken);
                after = page[^1].Id;
            }

            _progress.NoteAged(age, now);
        }

        return deleted;

        TimeSpan? AgeOf(string workflow) => workflows.GetValueOrDefault(workflow)?.Age ?? host.Age;
    }

    // One walk for all workflows: what they keep is counted from the newest run on.
    private async Task DeleteByWorkflowAsync(IReadOnlyDictionary<string, RetentionSettings> workflows, CancellationToken cancellationToken)
    {
        var excess = workflows.Sum(workflow => _progress.MostExcess(workflow.Key, workflow.Value));
        if (excess == 0 || (!_progress.IsWhole && excess * EntriesPerRun < _progress.Runs))
        {
            return;
        }

        var kept = new Dictionary<string, (long Runs, long Bytes)>(StringComparer.Ordinal);
        RunId? before = null;
        while (await store.NewestAsync(before, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            RunId[] sized = [.. page.Where(run => workflows.GetValueOrDefault(run.Workflow)?.Bytes is not null).Select(run => run.Id)];
            var sizes = sized.Length == 0 ? null : await store.SizesAsync(sized, cancellationToken);
            var beyondCount = new List<RunId>();
            var beyondSize = new List<RunId>();
            foreach (var run in page.Where(run => workflows.ContainsKey(run.Workflow)))
            {
                var bounds = workflows[run.Workflow];
                var (runs, bytes) = kept.GetValueOrDefault(run.Workflow);
                (runs, bytes) = kept[run.Workflow] = (runs + 1, bytes + (sizes?.GetValueOrDefault(run.Id) ?? 0));
                (runs > bounds.Runs ? beyondCount : bytes > bounds.Bytes ? beyondSize : null)?.Add(run.Id);
            }

            Interlocked.Add(ref _byCount, await DeleteAsync(beyondCount, DateTimeOffset.MaxValue, cancellationToken));
            Interlocked.Add(ref _bySize, await DeleteAsync(beyondSize, DateTimeOffset.MaxValue, cancellationToken));
            before = page[^1].Id;
        }

        _progress.NoteWalk(workflows.Keys, kept.ToDictionary(workflow => workflow.Key, workflow => Math.Min(workflow.Value.Runs, workflows[workflow.Key].Runs ?? long.MaxValue)));
    }

    /// <summary>Deletes the oldest runs that may be, as long as <paramref name="excess"/>, given how many were deleted, says that some are too many.</summary>
    private async Task<int> DeleteOldestAsync(Func<int, ValueTask<long>> excess, CancellationToken cancellationToken)
    {
        var deleted = 0;
        while (await excess(deleted) is var tooMany and > 0
            && await store.OldestAsync(_progress.OldestLookedAt, DateTimeOffset.MaxValue, (int)Math.Min(tooMany, BatchSize), cancellationToken) is { Count: > 0 } page)
        {
            deleted += await DeleteAsync([.. page.Select(run => run.Id)], DateTimeOffset.MaxValue, cancellationToken);
            _progress.OldestLookedAt = page[^1].Id;
        }

        return deleted;
    }

    private async Task<int> DeleteAsync(IReadOnlyList<RunId> runs, DateTimeOffset endedBy, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var batch in runs.Chunk(BatchSize))
        {
            // Other writes get their turn between two batches.
            var count = await store.DeleteAsync(batch, endedBy, cancellationToken);
            _progress.NoteDeleted(count);
            deleted += count;
        }

        return deleted;
    }
}
