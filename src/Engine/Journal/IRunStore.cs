namespace Sluice.Engine.Journal;

/// <summary>The runs of a database: finds and lists them, and changes who owns them. What runs append goes through <see cref="ICommitQueue"/>.</summary>
/// <remarks>All of it is as far as it is durable.</remarks>
internal interface IRunStore
{
    /// <summary>One run; null if there is none.</summary>
    ValueTask<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken);

    /// <summary>The runs that a filter names, newest first.</summary>
    ValueTask<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken);

    /// <summary>The requests that the runs which a filter names started from, newest first; runs of other triggers are left out.</summary>
    ValueTask<IReadOnlyList<RequestSummary>> ListRequestsAsync(RunFilter filter, CancellationToken cancellationToken);

    /// <summary>How far a run has come; null if there is no such run.</summary>
    ValueTask<RunProgress?> ProgressAsync(RunId id, CancellationToken cancellationToken);

    /// <summary>Runs that have begun and not ended, oldest first, after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<RunRecord>> UnfinishedAsync(RunId? after, int limit, CancellationToken cancellationToken);

    /// <summary>The runs that wait for room among the active ones, oldest first, after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<RunId>> QueuedAsync(RunId? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many runs wait for room.</summary>
    ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken);

    /// <summary>Makes this host the owner of a run; one that was queued or suspended is running from then on. The new fencing number; null if <paramref name="fence"/> is no longer the current one.</summary>
    ValueTask<long?> TakeOverAsync(RunId id, long fence, CancellationToken cancellationToken);

    /// <summary>The claim that holds a key; null if none does.</summary>
    ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>Removes claims that are over, at most so many; returns how many.</summary>
    ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken);
}
