using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Reads the runs that a selection names, page by page. Each selection walks an index that holds little else.</summary>
internal static class RunPages
{
    public static RunPage Read(SqliteConnection connection, RunSelection selection, long epoch, int limit, CancellationToken cancellationToken) => selection switch
    {
        RunSelection.Running { OwnToo: true } running => InOrder(
            connection, "run indexed by run_running where status = 1 and id > ?1 order by id limit ?2", running.After, limit, last => running with { After = last }, cancellationToken),
        RunSelection.Running running => InOrder(
            connection,
            // Earlier hosts of this database have a lower epoch, and those before there were epochs none.
            $"run indexed by run_running where status = 1 and owner < {epoch} and id > ?1 order by id limit ?2",
            running.After,
            limit,
            last => running with { After = last },
            cancellationToken),
        RunSelection.Queued queued => InOrder(
            connection, "run indexed by run_queued where status = 0 and id > ?1 order by id limit ?2", queued.After, limit, last => queued with { After = last }, cancellationToken),
        RunSelection.Due due => Due(connection, due, limit, cancellationToken),
        RunSelection.Held held => Held(connection, held, limit, cancellationToken),
        _ => throw new ArgumentException($"Unknown selection {selection.GetType().Name}.", nameof(selection)),
    };

    private static RunPage InOrder(
        SqliteConnection connection, string from, RunId? after, int limit, Func<RunId, RunSelection> next, CancellationToken cancellationToken)
    {
        using var reader = new RunReader(connection);
        using var query = new RawStatement(connection, RunReader.Query(from));
        query.Bind(1, after ?? default);
        query.Bind(2, limit);
        var runs = reader.Read(query, cancellationToken);
        return new RunPage(runs, runs.Count == limit ? next(runs[^1].Header.Id) : null);
    }

    // A run with several waits that are due is read once a page; once more on the next page does no harm.
    private static RunPage Due(SqliteConnection connection, RunSelection.Due due, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<(long WakeAt, long Row)>();
        using var reader = new RunReader(connection);
        using (var waits = new RawStatement(
            connection, "select wake_at, run from wait indexed by wait_by_time where (wake_at, run) > (?1, ?2) and wake_at <= ?3 order by wake_at, run limit ?4"))
        {
            waits.Bind(1, due.After?.WakeAt ?? -1);
            waits.Bind(2, due.After?.Row ?? 0);
            waits.Bind(3, due.Now.UtcTicks);
            waits.Bind(4, limit);
            while (waits.Step())
            {
                rows.Add((waits.Number(0), waits.Number(1)));
            }
        }

        return new RunPage(
            ByRow(connection, reader, rows.Select(row => row.Row), cancellationToken), rows.Count == limit ? due with { After = rows[^1] } : null);
    }

    private static RunPage Held(SqliteConnection connection, RunSelection.Held held, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<long>();
        using var reader = new RunReader(connection);
        using (var waits = new RawStatement(
            connection,
            """
            select distinct run from wait indexed by wait_by_plugin
            where plugin is not null and run > ?1 and (?2 is null or plugin in (?2, '')) order by run limit ?3
            """))
        {
            waits.Bind(1, held.After);
            waits.BindOptional(2, held.Plugin);
            waits.Bind(3, limit);
            while (waits.Step())
            {
                rows.Add(waits.Number(0));
            }
        }

        return new RunPage(ByRow(connection, reader, rows, cancellationToken), rows.Count == limit ? held with { After = rows[^1] } : null);
    }

    private static List<RunRecord> ByRow(SqliteConnection connection, RunReader reader, IEnumerable<long> rows, CancellationToken cancellationToken)
    {
        var runs = new List<RunRecord>();
        using var query = new RawStatement(connection, RunReader.Query("run where seq = ?1"));
        foreach (var row in rows.Distinct())
        {
            query.Bind(1, row);
            runs.AddRange(reader.Read(query, cancellationToken));
            query.Reset();
        }

        return runs;
    }
}
