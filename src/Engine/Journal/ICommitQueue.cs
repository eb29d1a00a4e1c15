using Microsoft.Extensions.ObjectPool;

namespace Sluice.Engine.Journal;

/// <summary>Writes what runs append, many runs a commit, and tells who waited once it is durable.</summary>
/// <remarks>
/// Laws: what a run appends is written in order. A write with an old fencing number is refused. "Durable" means through a power cut.
/// Nothing here throws if the disk is full or gone, except the tasks that wait for durability.
/// </remarks>
internal interface ICommitQueue
{
    /// <summary>Buffers for the entries of runs, lent until the entries are written.</summary>
    ObjectPool<EntryBuffer> Buffers { get; }

    /// <summary>Hands a run with pending entries to the writer and returns at once. Called by <see cref="RunLog"/>.</summary>
    /// <param name="log">The run.</param>
    /// <param name="canWait">Whether the writer may take a moment, because the run is expected to commit again at once.</param>
    void Enqueue(RunLog log, bool canWait);

    /// <summary>Wakes the writer for a run that could wait until now. Called by <see cref="RunLog"/>.</summary>
    void Hurry();

    /// <summary>
    /// Writes the waiting run on the calling thread, if it is the only one and nobody writes, and tells who waited for it; otherwise the writer does.
    /// </summary>
    void WriteLoneRun();

    /// <summary>Tells the observers of a settled write, soon. Called by <see cref="RunLog"/>.</summary>
    void Tell(PendingWrite settled);

    /// <summary>
    /// Whether the caller runs on the writer's thread, where most observers are notified. That thread makes all commits, so an observer
    /// that does more than notify others moves to another thread first.
    /// </summary>
    bool IsWriterThread { get; }

    /// <summary>Whether the last write succeeded. If not, the queue tries again by itself, and new runs must not be accepted.</summary>
    bool IsWritable { get; }

    /// <summary>Whether the database can't be written because its files were deleted, replaced or damaged: somebody has to restore them.</summary>
    bool IsLost { get; }

    /// <summary>Completes when the database is next writable again after it was not.</summary>
    Task WritableAgain { get; }
}

/// <summary>What was appended could not be made durable: the disk is full, read-only or gone.</summary>
internal sealed class JournalUnavailableException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the fault lies with what this one run wants written: writing it again would fail again.</summary>
    public bool IsOfOneRun { get; init; }

    /// <summary>Whether the database is lost: its files were deleted, replaced or damaged.</summary>
    public bool IsLost { get; init; }
}

/// <summary>A run was written to by somebody who no longer owns it.</summary>
internal sealed class FencedException(RunId id)
    : Exception($"Run {id} belongs to another host; this host stops working on it.");
