using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The refused requests, in the journal's file and written by its writer.</summary>
internal sealed class SqliteRejectionStore(SqliteWriter writer, SqliteReader reader) : IRejectionStore
{
    public async ValueTask AddAsync(IReadOnlyList<RejectedRequest> refusals, RejectionRetention retention, DateTimeOffset now, CancellationToken cancellationToken) =>
        await writer.WriteAsync(connection => Add(connection, refusals, retention, now), cancellationToken);

    public ValueTask<IReadOnlyList<RejectedRequest>> ListAsync(RejectionFilter filter, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RejectedRequest>>(connection => Read(connection, filter), cancellationToken);

    private static bool Add(SqliteConnection connection, IReadOnlyList<RejectedRequest> refusals, RejectionRetention retention, DateTimeOffset now)
    {
        foreach (var refusal in refusals)
        {
            connection.Execute(
                """
                insert into refusal (workflow, path, remote_ip, reason, detail, first_at, last_at, count)
                values (@Workflow, @Path, @RemoteIp, @Reason, @Detail, @first, @last, @Count)
                """,
                new { refusal.Workflow, refusal.Path, refusal.RemoteIp, refusal.Reason, refusal.Detail, first = refusal.FirstAt.UtcTicks, last = refusal.LastAt.UtcTicks, refusal.Count });
        }

        // Ids grow with time, so the oldest that may stay is found by a walk that stops at the first.
        connection.Execute(
            """
            delete from refusal where id <= (select max(id) from refusal) - @Most;
            delete from refusal where id < coalesce((select id from refusal where last_at >= @oldest order by id limit 1), 9223372036854775807);
            """,
            new { retention.Most, oldest = (now - retention.Longest).UtcTicks });
        return true;
    }

    private static List<RejectedRequest> Read(SqliteConnection connection, RejectionFilter filter)
    {
        string[] conditions =
        [
            .. filter.Workflow is null ? [] : (string[])["workflow = @Workflow"],
            .. filter.Before is null ? [] : (string[])["id < @Before"],
        ];
        var where = conditions.Length == 0 ? "" : $"where {string.Join(" and ", conditions)}";
        var found = new List<RejectedRequest>();
        using var rows = (System.Data.Common.DbDataReader)connection.ExecuteReader(
            $"select workflow, path, remote_ip, reason, detail, first_at, last_at, count, id from refusal {where} order by id desc limit @Limit", filter);
        while (rows.Read())
        {
            found.Add(new RejectedRequest(
                rows.GetString(0), Text(rows, 1), Text(rows, 2), rows.GetString(3), rows.GetString(4), Ticks.ToTime(rows.GetInt64(5)), Ticks.ToTime(rows.GetInt64(6)), rows.GetInt64(7))
            {
                Id = rows.GetInt64(8),
            });
        }

        return found;
    }

    private static string? Text(System.Data.Common.DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
