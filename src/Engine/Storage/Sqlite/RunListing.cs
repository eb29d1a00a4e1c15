using System.Data;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Lists runs and their requests, newest first. Each filter walks the smallest index that holds its runs, and no query reads a body or an entry.</summary>
internal static class RunListing
{
    private const string Columns = "id, workflow, version, trigger, status, started_at, finished_at";

    // The length of a blob is in its row's header; the blob itself is not read for it.
    private const string RequestColumns = $"{Columns}, envelope, coalesce(length(body), (select length(bytes) from large_body where run = seq), 0)";

    public static List<RunSummary> Read(SqliteConnection connection, RunFilter filter, CancellationToken cancellationToken) =>
        Read(connection, filter, Sql(filter), Summary, cancellationToken);

    /// <summary>The requests of runs that a webhook started.</summary>
    public static List<RequestSummary> ReadRequests(SqliteConnection connection, RunFilter filter, CancellationToken cancellationToken) =>
        Read(
            connection,
            filter,
            Sql(filter, RequestColumns, "trigger = 'webhook'"),
            rows => new RequestSummary(Summary(rows), rows.IsDBNull(7) ? default : (byte[])rows[7], rows.GetInt64(8)),
            cancellationToken);

    private static List<T> Read<T>(
        SqliteConnection connection, RunFilter filter, string sql, Func<IDataReader, T> read, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        var parameters = new
        {
            filter.Workflow,
            Status = (int?)filter.Status,
            Before = filter.Before?.ToBytes(),
            filter.Limit,
        };
        using var rows = connection.ExecuteReader(sql, parameters);
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.Add(read(rows));
        }

        return found;
    }

    private static RunSummary Summary(IDataReader rows) => new(
        RunId.FromBytes((byte[])rows[0]),
        rows.GetString(1),
        rows.GetInt32(2),
        rows.GetString(3),
        (RunStatus)rows.GetInt32(4),
        Ticks.ToTime(rows.GetInt64(5)),
        rows.IsDBNull(6) ? null : Ticks.ToTime(rows.GetInt64(6)));

    /// <summary>The query of a filter; parameters @Workflow, @Status, @Before and @Limit.</summary>
    internal static string Sql(RunFilter filter, string columns = Columns, string? condition = null)
    {
        List<string> conditions = condition is null ? [] : [condition];
        if (filter.Before is not null)
        {
            conditions.Add("id < @Before");
        }

        if (filter.Workflow is not null)
        {
            conditions.Add("workflow = @Workflow");
        }

        if (filter.Status is { } status)
        {
            // SQLite uses a partial index only if the query repeats its condition word for word.
            conditions.Add(status switch
            {
                <= RunStatus.Suspended => "status <= 2",
                >= RunStatus.Failed => "status >= 4",
                _ => "true",
            });
            conditions.Add("status = @Status");
        }

        var index = filter.Status switch
        {
            null or RunStatus.Succeeded => "run_by_id",
            <= RunStatus.Suspended => "run_unfinished",
            _ => "run_ended_badly",
        };
        var where = conditions.Count == 0 ? "" : "where " + string.Join(" and ", conditions);
        return $"select {columns} from run indexed by {index} {where} order by id desc limit @Limit";
    }
}
