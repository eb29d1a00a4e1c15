using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Finds and deletes old runs. Looking reads the index that every run has, and no row.</summary>
internal sealed class SqliteRunRetention(SqliteWriter writer, SqliteReader reader, TimeProvider time) : IRunRetention
{
    // SQLite takes so many parameters in any build.
    private const int MostParameters = 500;

    public ValueTask<IReadOnlyList<RetainedRun>> OldestAsync(RunId? after, DateTimeOffset before, int limit, CancellationToken cancellationToken) => ListAsync(
        "select id, workflow from run indexed by run_by_id where id > @from and id < @to order by id limit @limit",
        new { from = after?.ToBytes() ?? [], to = RunId.FirstOf(before).ToBytes(), limit },
        cancellationToken);

    public ValueTask<IReadOnlyList<RetainedRun>> NewestAsync(RunId? before, int limit, CancellationToken cancellationToken) => ListAsync(
        "select id, workflow from run indexed by run_by_id where id < @to order by id desc limit @limit",
        new { to = (before ?? RunId.FirstOf(DateTimeOffset.MaxValue)).ToBytes(), limit },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<RunId, long>> SizesAsync(IReadOnlyList<RunId> runs, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyDictionary<RunId, long>>(
            connection => runs.Chunk(MostParameters).SelectMany(some => Sizes(connection, some)).ToDictionary(size => size.Run, size => size.Bytes),
            cancellationToken);

    public ValueTask<RunCounts> CountAsync(long after, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            using var snapshot = connection.BeginTransaction(deferred: true);
            var last = connection.ExecuteScalar<long>("select coalesce(max(seq), 0) from run", transaction: snapshot);
            // All runs are in the index; a few new ones are found faster among the rows.
            var counts = connection.Query<(string Workflow, long Runs)>(
                $"select workflow, count(*) from run {(after == 0 ? "indexed by run_by_id" : "where seq > @after")} group by workflow", new { after }, snapshot);
            return new RunCounts(last, counts.ToDictionary(count => count.Workflow, count => count.Runs, StringComparer.Ordinal));
        },
        cancellationToken);

    public ValueTask<long> UsedBytesAsync(CancellationToken cancellationToken) => reader.ReadAsync(
        connection => (connection.Number("pragma page_count") - connection.Number("pragma freelist_count")) * connection.Number("pragma page_size"),
        cancellationToken);

    public ValueTask<int> DeleteAsync(IReadOnlyList<RunId> runs, DateTimeOffset endedBy, CancellationToken cancellationToken) =>
        writer.WriteAsync(connection => Delete(connection, runs, endedBy, cancellationToken), cancellationToken);

    public async ValueTask<int> DeleteVersionsAsync(int kept, DateTimeOffset replacedBefore, CancellationToken cancellationToken)
    {
        var unused = await reader.ReadAsync(connection => VersionRows.Unused(connection, kept, replacedBefore, cancellationToken), cancellationToken);
        var deleted = 0;
        foreach (var batch in unused.Chunk(RetentionSweep.BatchSize))
        {
            deleted += await writer.WriteAsync(connection => VersionRows.Delete(connection, batch), cancellationToken);
        }

        return deleted;
    }

    private ValueTask<IReadOnlyList<RetainedRun>> ListAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RetainedRun>>(
            connection => [.. connection.Query<(byte[] Id, string Workflow)>(sql, parameters).Select(row => new RetainedRun(RunId.FromBytes(row.Id), row.Workflow))],
            cancellationToken);

    // The length of a blob is in its row's header; the blob itself is not read for it.
    private static IEnumerable<(RunId Run, long Bytes)> Sizes(SqliteConnection connection, RunId[] runs) => connection
        .Query<(byte[] Id, long Bytes)>(
            """
            select id,
                coalesce(length(envelope), 0) + coalesce(length(body), 0) + coalesce(length(entries), 0)
                    + coalesce((select length(bytes) from large_body where large_body.run = seq), 0)
                    + coalesce((select sum(length(output.bytes)) from output where output.run = seq), 0)
                    + coalesce((select sum(length(chapter.entries)) from chapter where chapter.run = seq), 0)
            from run where id in @ids
            """,
            new { ids = runs.Select(run => run.ToBytes()).ToList() })
        .Select(row => (RunId.FromBytes(row.Id), row.Bytes));

    private int Delete(SqliteConnection connection, IReadOnlyList<RunId> runs, DateTimeOffset endedBy, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var run in runs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            deleted += DeleteOne(connection, run, endedBy) ? 1 : 0;
        }

        if (deleted > 0)
        {
            // The last number of a run may be a smaller one from now on.
            connection.Execute("update identity set deletions = deletions + 1");
        }

        return deleted;
    }

    private bool DeleteOne(SqliteConnection connection, RunId run, DateTimeOffset endedBy)
    {
        var found = connection.ExecuteScalar<long?>(
            """
            select seq from run
            where id = @id and status in (3, 4, 5) and finished_at <= @endedBy
                and not exists (select 1 from claim where claim.run = @id and expires_at > @now)
            """,
            new { id = run.ToBytes(), endedBy = endedBy.UtcTicks, now = time.GetUtcNow().UtcTicks });
        return found is { } seq && connection.Execute(
            """
            delete from chapter where run = @seq;
            delete from large_body where run = @seq;
            delete from wait where run = @seq;
            delete from signal where run = @seq;
            delete from output where run = @seq;
            delete from run where seq = @seq
            """, new { seq }) > 0;
    }
}
