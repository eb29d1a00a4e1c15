namespace Sluice.Engine.Journal;

/// <summary>A run as retention sees it.</summary>
internal readonly record struct RetainedRun(RunId Id, string Workflow);

/// <summary>How many runs there are, by workflow, up to a number of a run.</summary>
internal sealed record RunCounts(long Last, IReadOnlyDictionary<string, long> ByWorkflow);

/// <summary>Finds, measures and deletes old runs in a store, and the old workflow versions that no run needs.</summary>
internal interface IRunRetention
{
    /// <summary>Runs of any state, oldest first, after a place and begun before a time.</summary>
    ValueTask<IReadOnlyList<RetainedRun>> OldestAsync(RunId? after, DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Runs of any state, newest first, before a place.</summary>
    ValueTask<IReadOnlyList<RetainedRun>> NewestAsync(RunId? before, int limit, CancellationToken cancellationToken);

    /// <summary>How many bytes each of these runs takes.</summary>
    ValueTask<IReadOnlyDictionary<RunId, long>> SizesAsync(IReadOnlyList<RunId> runs, CancellationToken cancellationToken);

    /// <summary>How many runs of each workflow came after a number of a run, and the last number. From 0 on this looks at every run.</summary>
    ValueTask<RunCounts> CountAsync(long after, CancellationToken cancellationToken);

    /// <summary>How many bytes of the file are in use: pages that deleted runs gave back are not, and are filled before the file grows.</summary>
    ValueTask<long> UsedBytesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Deletes those of these runs that have ended by a time and whose idempotency key has expired, in one commit; returns how many.
    /// </summary>
    ValueTask<int> DeleteAsync(IReadOnlyList<RunId> runs, DateTimeOffset endedBy, CancellationToken cancellationToken);

    /// <summary>Deletes the versions of workflows that no run refers to, except the newest ones of each workflow; returns how many.</summary>
    /// <param name="kept">How many of the newest versions of each workflow stay.</param>
    /// <param name="replacedBefore">A version that was replaced later stays too: a run of it may not be stored yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<int> DeleteVersionsAsync(int kept, DateTimeOffset replacedBefore, CancellationToken cancellationToken);
}
