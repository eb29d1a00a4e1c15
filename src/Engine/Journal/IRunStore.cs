namespace Sluice.Engine.Journal;

/// <summary>The runs of a database: finds and lists them, and changes who owns them. What runs append goes through <see cref="ICommitQueue"/>.</summary>
/// <remarks>
/// Everything that it returns is durable. A run belongs to one host while it is running, and to nobody otherwise. A take-over raises the fencing number of
/// the run, so whatever its last owner still writes is refused.
/// </remarks>
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

    /// <summary>How many runs wait for room.</summary>
    ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken);

    /// <summary>Selected runs with their entries, at most so many. Takes nothing over: the caller decides which runs continue.</summary>
    ValueTask<RunPage> SelectAsync(RunSelection selection, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Makes this host the owner of runs, as they were read, all in one transaction. A run that has changed since is left alone. What was queued or
    /// suspended is running from then on.
    /// </summary>
    /// <param name="runs">The runs.</param>
    /// <param name="entries">What is appended to some of them in the same transaction. No such entry changes a run's status.</param>
    /// <param name="cancellationToken">Ends the wait for the commit.</param>
    /// <returns>The runs that were taken over, in the same order: the records that were passed in, with the new fencing number and the signals that have come since.</returns>
    /// <exception cref="JournalUnavailableException">None was taken over.</exception>
    ValueTask<IReadOnlyList<RunRecord>> TakeOverAsync(
        IReadOnlyList<RunRecord> runs, IReadOnlyDictionary<RunId, JournalEntry> entries, CancellationToken cancellationToken);

    /// <summary>The first time after another at which a suspended run is due; null if none is.</summary>
    ValueTask<DateTimeOffset?> NextDueAsync(DateTimeOffset after, CancellationToken cancellationToken);

    /// <summary>Stores a signal for a run. One that comes ahead of its wait is there when the run suspends; a second one of the same name is refused.</summary>
    /// <exception cref="JournalUnavailableException">It can't be stored now.</exception>
    ValueTask<SignalResult> SignalAsync(RunId run, Signal signal, CancellationToken cancellationToken);

    /// <summary>An output that is stored apart (<see cref="RunLog.AppendStep"/>); null if there is none.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindOutputAsync(RunId run, string path, int attempt, CancellationToken cancellationToken);

    /// <summary>The claim that holds a key; null if none does.</summary>
    ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken);

    /// <summary>Removes claims that are over, at most so many; returns how many.</summary>
    ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken);
}
