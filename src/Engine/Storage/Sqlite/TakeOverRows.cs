using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Changes the owner of runs, inside one transaction of the writer.</summary>
internal static class TakeOverRows
{
    // A run is marked as running from its take-over on, so that the next host knows that it was active if this one crashes.
    private const string Update =
        """
        update run set
            fence = fence + 1,
            owner = iif(status <= 2, ?5, null),
            wake_at = iif(status <= 2, null, wake_at),
            status = iif(status <= 2, 1, status)
        where id = ?1 and fence = ?2 and status = ?3 and coalesce((select max(chapter.seq) from chapter where chapter.run = run.seq), 0) = ?4
        """;

    /// <summary>Takes over the runs that are still as they were read; returns them with their new fencing number.</summary>
    public static List<RunRecord> Take(
        SqliteConnection connection, IReadOnlyList<RunRecord> runs, IReadOnlyDictionary<RunId, JournalEntry> entries, long epoch)
    {
        var taken = new List<RunRecord>(runs.Count);
        using var update = new RawStatement(connection, Update);
        using var insert = new RawStatement(connection, "insert into chapter (run, entries) select seq, ?2 from run where id = ?1");
        using var rows = new RowStatements(connection);
        foreach (var run in runs)
        {
            update.Bind(1, run.Header.Id);
            update.Bind(2, run.Fence);
            update.Bind(3, (long)run.Status);
            update.Bind(4, run.Revision);
            update.Bind(5, epoch);
            update.Execute();
            if (update.Changes > 0)
            {
                var owned = run with { Fence = run.Fence + 1 };
                if (run.Status == RunStatus.Suspended)
                {
                    rows.ClearWaits(run.Header.Id);
                    // One may have come since the run was read.
                    owned = run.Waits.Any(wait => wait.Signal is not null) ? owned with { Signals = rows.SignalsOf(run.Header.Id) } : owned;
                }

                if (entries.TryGetValue(run.Header.Id, out var entry))
                {
                    var buffer = new EntryBuffer();
                    buffer.Append(entry);
                    insert.Bind(1, run.Header.Id);
                    insert.Bind(2, buffer.Bytes);
                    insert.Execute();
                }

                taken.Add(owned);
            }
        }

        return taken;
    }
}
