using Microsoft.Extensions.ObjectPool;
using Sluice.Engine.Journal;

namespace Sluice.Simulation.Worlds;

/// <summary>The journal of one simulated host: what its runs append waits here until the world commits it to the disk.</summary>
internal sealed class SimulatedJournal(World world, SimulatedHost host) : ICommitQueue, IRunStore
{
    private List<RunLog> _waiting = [];
    private bool _isTelling;

    // The disk of a simulation is never full, so it never becomes writable again.
    public Task WritableAgain { get; } = new TaskCompletionSource().Task;

    public ObjectPool<EntryBuffer> Buffers { get; } = EntryBuffer.NewPool();

    public bool IsWriterThread => _isTelling;

    public bool IsWritable => true;

    public bool IsLost => false;

    /// <summary>Whether there is something to commit.</summary>
    public bool IsDue => _waiting.Count > 0;

    public void Enqueue(RunLog log, bool canWait) => _waiting.Add(log);

    public void Hurry()
    {
    }

    public void WriteLoneRun()
    {
        // The engine writes on the walking thread if nobody else writes, which is a matter of timing.
        if (_waiting.Count == 1 && world.Toss())
        {
            Commit();
        }
    }

    public void Tell(PendingWrite settled) => host.Loop.Post(
        _ =>
        {
            _isTelling = true;
            settled.Tell();
            _isTelling = false;
        },
        null);

    /// <summary>Commits all that waits, as one batch. The host may crash before, after, or half-way.</summary>
    public void Commit()
    {
        if (host.IsDead)
        {
            return;
        }

        var pieces = new List<DiskPiece>();
        var written = new List<PendingWrite>();
        var (logs, refused) = (_waiting, new List<(RunLog Log, PendingWrite Write, Exception Why)>());
        _waiting = [];
        foreach (var log in logs)
        {
            if (log.Take() is not { } write)
            {
                continue;
            }

            if (world.Disk.Refuse(log, write) is { } why)
            {
                refused.Add((log, write, why));
                continue;
            }

            pieces.AddRange(world.Disk.PiecesOf(log, write, host.Epoch));
            written.Add(write);
        }

        if (!world.Commit(host, pieces))
        {
            return;
        }

        foreach (var (log, write, why) in refused)
        {
            world.Note(host, $"refuses run {world.NameOf(log.Header.Id)}: {why.Message}");
            log.Fail(why);
            Settle(write, why);
        }

        written.ForEach(write => Settle(write, null));
    }

    public ValueTask<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) => Give(world.Disk.Find(id) is { } row ? Read(row) : null);

    public ValueTask<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken) => Give<IReadOnlyList<RunSummary>>(
        [
            .. world.Disk.Rows.Reverse()
                .Where(row => (filter.Status ?? row.Status) == row.Status && (filter.Workflow ?? row.Header.Workflow) == row.Header.Workflow)
                .Where(row => filter.Before is not { } before || row.Header.Id.CompareTo(before) < 0)
                .Take(filter.Limit).Select(row => Read(row).Summary),
        ]);

    public ValueTask<IReadOnlyList<RequestSummary>> ListRequestsAsync(RunFilter filter, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nothing of the engine that is simulated lists requests.");

    public ValueTask<RunProgress?> ProgressAsync(RunId id, CancellationToken cancellationToken) =>
        Give(world.Disk.Find(id) is { } row ? new RunProgress(row.Status, Read(row).Entries) : null);

    public ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken) => Give(world.Disk.Rows.Count(row => row.Status == RunStatus.Queued));

    public ValueTask<RunPage> SelectAsync(RunSelection selection, int limit, CancellationToken cancellationToken) => Give(selection switch
    {
        RunSelection.Running running => Page(
            world.Disk.Rows.Where(row => row.Status == RunStatus.Running && (running.OwnToo || row.Owner != host.Epoch) && IsAfter(row, running.After)),
            limit,
            last => running with { After = last }),
        RunSelection.Queued queued => Page(
            world.Disk.Rows.Where(row => row.Status == RunStatus.Queued && IsAfter(row, queued.After)), limit, last => queued with { After = last }),
        // All of them: a page that is too long does no harm.
        RunSelection.Due due => Page(world.Disk.Rows.Where(row => NextOf(row) <= due.Now).OrderBy(NextOf), int.MaxValue, _ => due),
        _ => new RunPage([], null),
    });

    public ValueTask<IReadOnlyList<RunRecord>> TakeOverAsync(
        IReadOnlyList<RunRecord> runs, IReadOnlyDictionary<RunId, JournalEntry> entries, CancellationToken cancellationToken)
    {
        RunRecord[] taken = [.. runs.Where(world.Disk.IsUnchanged)];
        return world.Commit(host, [.. taken.Select(run => world.Disk.TakeOver(run, host.Epoch, entries.GetValueOrDefault(run.Header.Id)))])
            ? Give<IReadOnlyList<RunRecord>>([.. taken.Select(run => run with { Fence = run.Fence + 1 })])
            : SimulatedHost.Never<IReadOnlyList<RunRecord>>();
    }

    public ValueTask<DateTimeOffset?> NextDueAsync(DateTimeOffset after, CancellationToken cancellationToken) =>
        Give(world.Disk.Rows.Select(NextOf).Where(at => at > after).Min());

    public ValueTask<SignalResult> SignalAsync(RunId run, Signal signal, CancellationToken cancellationToken) =>
        throw new NotSupportedException("No step of a simulated workflow waits for a signal.");

    public ValueTask<ReadOnlyMemory<byte>?> FindOutputAsync(RunId run, string path, int attempt, CancellationToken cancellationToken) =>
        Give(world.Disk.Find(run)?.Outputs.Find(output => output.Path == path && output.Attempt == attempt)?.Bytes);

    public ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken) => Give(world.Disk.FindClaim(key, world.Now));

    public ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken) => Give(0);

    private static DateTimeOffset? NextOf(RunRow row) => row.Status == RunStatus.Suspended ? row.Waits.Min(wait => wait.DueAt) : null;

    private static bool IsAfter(RunRow row, RunId? after) => after is not { } last || row.Header.Id.CompareTo(last) > 0;

    private RunPage Page(IEnumerable<RunRow> rows, int limit, Func<RunId, RunSelection> next)
    {
        RunRecord[] runs = [.. rows.Take(limit).Select(Read)];
        return new RunPage(runs, runs.Length == limit ? next(runs[^1].Header.Id) : null);
    }

    private RunRecord Read(RunRow row) => new(row.Header, row.Status, row.FinishedAt, row.WakeAt, row.Fence, world.ReadEntries(row))
    {
        Owner = row.Owner,
        Revision = row.Revision,
        Waits = row.Waits,
    };

    private void Settle(PendingWrite write, Exception? failure)
    {
        write.ReturnBuffer();
        if (write.Settle(failure))
        {
            Tell(write);
        }
    }

    // Other things happen before the reader goes on: what it was given may be out of date by then.
    private static async ValueTask<T> Give<T>(T value)
    {
        await Task.Yield();
        return value;
    }
}
