using Microsoft.Extensions.ObjectPool;

namespace Sluice.Engine.Journal;

/// <summary>The durable record of all runs. One writer, group commit; one implementation a database.</summary>
/// <remarks>
/// Laws: what a run appends is written in order. A write with an old fencing number is refused. "Durable" means through a power cut.
/// Nothing here throws for a disk that is full or gone but the tasks that wait for durability.
/// </remarks>
internal interface IJournal
{
    /// <summary>Room for the entries of runs, lent until they are written.</summary>
    ObjectPool<EntryBuffer> Buffers { get; }

    /// <summary>Hands a run with pending entries to the writer and returns at once. Called by <see cref="RunLog"/>.</summary>
    /// <param name="log">The run.</param>
    /// <param name="canWait">Whether the writer may take a moment, because the run is expected to commit again at once.</param>
    void Enqueue(RunLog log, bool canWait);

    /// <summary>Has the writer come at once for a run that could wait. Called by <see cref="RunLog"/>.</summary>
    void Hurry();

    /// <summary>
    /// Writes the one run that waits on the calling thread, where no other waits and nobody writes, and tells who waited for it; otherwise the writer does.
    /// </summary>
    void WriteLoneRun();

    /// <summary>Has the observers of a settled write told. Called by <see cref="RunLog"/>.</summary>
    void Tell(PendingWrite settled);

    /// <summary>
    /// Whether the caller runs on the writer's thread, where most are told. All commits wait for it: who has more to do there than to pass the news on does
    /// it elsewhere.
    /// </summary>
    bool IsOwnThread { get; }

    /// <summary>Whether the last write succeeded. While it did not, the journal tries again by itself, and new runs are not to be accepted.</summary>
    bool IsWritable { get; }

    /// <summary>Whether it can't be written because its files were deleted or replaced, or are damaged: somebody has to restore them.</summary>
    bool IsLost { get; }

    /// <summary>Raised, on a pool thread, when the journal is writable again after it was not.</summary>
    event Action? BecameWritable;

    /// <summary>One run, as far as it is durable.</summary>
    ValueTask<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken);

    /// <summary>The runs that a filter names, newest first.</summary>
    ValueTask<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken);

    /// <summary>The requests that the runs which a filter names started from, newest first; runs of other triggers are left out.</summary>
    ValueTask<IReadOnlyList<RequestSummary>> ListRequestsAsync(RunFilter filter, CancellationToken cancellationToken);

    /// <summary>Runs that have begun and not ended, oldest first, after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<RunRecord>> UnfinishedAsync(RunId? after, int limit, CancellationToken cancellationToken);

    /// <summary>How far a run has come, as far as it is durable; null where there is no such run.</summary>
    ValueTask<RunProgress?> ProgressAsync(RunId id, CancellationToken cancellationToken);

    /// <summary>The claim that holds a key; null where none does.</summary>
    ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>Removes claims that are over, at most so many; returns how many.</summary>
    ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The runs that wait for room among those under way, oldest first, after <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<RunId>> QueuedAsync(RunId? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many runs wait for room.</summary>
    ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken);

    /// <summary>Makes this host the owner of a run; one that was queued or suspended is running from then on. The new fencing number; null where <paramref name="fence"/> is no longer the current one.</summary>
    ValueTask<long?> TakeOverAsync(RunId id, long fence, CancellationToken cancellationToken);
}

/// <summary>What was appended could not be made durable: the disk is full, read-only or gone.</summary>
internal sealed class JournalUnavailableException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the fault lies with what this one run wants written: writing it again would fail again.</summary>
    public bool IsOfOneRun { get; init; }
}

/// <summary>A run was written to by somebody who no longer owns it.</summary>
internal sealed class FencedException(RunId id)
    : Exception($"Run {id} belongs to another host; this host stops working on it.");
