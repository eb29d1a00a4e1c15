using System.Buffers;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The runs in SQLite: one row a run, chapters for what a run appends later.</summary>
internal sealed class SqliteRunStore(SqliteWriter writer, SqliteReader reader, TimeProvider time) : IRunStore
{
    private const string RecordColumns =
        "seq, id, workflow, version, trigger, status, started_at, finished_at, wake_at, fence, envelope, body, entries";

    public ValueTask<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) => reader.ReadAsync(
        connection => ReadRecords(connection, $"select {RecordColumns} from run where id = @id", new { id = id.ToBytes() }, cancellationToken)
            .FirstOrDefault(),
        cancellationToken);

    public ValueTask<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RunSummary>>(connection => RunListing.Read(connection, filter, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<RequestSummary>> ListRequestsAsync(RunFilter filter, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RequestSummary>>(connection => RunListing.ReadRequests(connection, filter, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<RunRecord>> UnfinishedAsync(RunId? after, int limit, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RunRecord>>(
            connection => connection.Number("select exists (select 1 from run indexed by run_unfinished where status <= 2 and status >= 1)") == 0
                ? []
                : ReadRecords(
                    connection,
                    $"select {RecordColumns} from run indexed by run_unfinished where status <= 2 and status >= 1 and id > @after order by id limit @limit",
                    new { after = after?.ToBytes() ?? [], limit },
                    cancellationToken),
            cancellationToken);

    public ValueTask<RunProgress?> ProgressAsync(RunId id, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            using var snapshot = connection.BeginTransaction(deferred: true);
            return connection.QueryFirstOrDefault<ProgressRow>("select seq, status, entries from run where id = @id", new { id = id.ToBytes() }, snapshot) is { } row
                ? new RunProgress((RunStatus)row.Status, ReadEntries(connection, row.Seq, row.Entries, snapshot))
                : null;
        },
        cancellationToken);

    public ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => ClaimRows.Find(connection, key, time.GetUtcNow()), cancellationToken);

    public ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken) =>
        writer.WriteAsync(connection => ClaimRows.RemoveSpent(connection, time.GetUtcNow(), limit), cancellationToken);

    public ValueTask<IReadOnlyList<RunId>> QueuedAsync(RunId? after, int limit, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RunId>>(
            connection => [.. connection.Query<byte[]>(
                "select id from run indexed by run_queued where status = 0 and id > @after order by id limit @limit",
                new { after = after?.ToBytes() ?? [], limit }).Select(bytes => RunId.FromBytes(bytes))],
            cancellationToken);

    public ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken) => reader.ReadAsync(
        connection => (int)connection.Number("select count(*) from run indexed by run_queued where status = 0"), cancellationToken);

    // A run that is walked says so from the start: if its host dies, whoever takes it up next has to know that it was.
    public ValueTask<long?> TakeOverAsync(RunId id, long fence, CancellationToken cancellationToken) => writer.WriteAsync(
        connection => connection.ExecuteScalar<long?>(
            """
            update run set fence = fence + 1, wake_at = iif(status <= 2, null, wake_at), status = iif(status <= 2, 1, status)
            where id = @id and fence = @fence returning fence
            """,
            new { id = id.ToBytes(), fence }),
        cancellationToken);

    private static List<RunRecord> ReadRecords(SqliteConnection connection, string sql, object parameters, CancellationToken cancellationToken)
    {
        // One snapshot for the row and its chapters: a run may be written while it is read.
        using var snapshot = connection.BeginTransaction(deferred: true);
        var records = new List<RunRecord>();
        foreach (var row in connection.Query<RunRow>(sql, parameters, snapshot))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var body = row.Body ?? connection.ExecuteScalar<byte[]?>("select bytes from large_body where run = @Seq", row, snapshot);
            records.Add(row.ToRecord(body, ReadEntries(connection, row.Seq, row.Entries, snapshot)));
        }

        return records;
    }

    private static ReadOnlyMemory<byte> ReadEntries(SqliteConnection connection, long seq, byte[]? first, SqliteTransaction snapshot)
    {
        var chapters = connection.Query<byte[]>("select entries from chapter where run = @seq order by seq", new { seq }, snapshot);
        var entries = new ArrayBufferWriter<byte>();
        entries.Write(first);
        foreach (var chapter in chapters)
        {
            entries.Write(chapter);
        }

        return entries.WrittenMemory;
    }

    /// <summary>What changes of a row of table <c>run</c>.</summary>
    private sealed record ProgressRow
    {
        public required long Seq { get; init; }
        public required long Status { get; init; }
        public required byte[]? Entries { get; init; }
    }

    /// <summary>A row of table <c>run</c>.</summary>
    private sealed record RunRow
    {
        public required long Seq { get; init; }
        public required byte[] Id { get; init; }
        public required string Workflow { get; init; }
        public required long Version { get; init; }
        public required string Trigger { get; init; }
        public required long Status { get; init; }
        public required long Started_At { get; init; }
        public required long? Finished_At { get; init; }
        public required long? Wake_At { get; init; }
        public required long Fence { get; init; }
        public required byte[]? Envelope { get; init; }
        public required byte[]? Body { get; init; }
        public required byte[]? Entries { get; init; }

        public RunRecord ToRecord(byte[]? body, ReadOnlyMemory<byte> entries) => new(
            new RunHeader(RunId.FromBytes(Id), Workflow, (int)Version, Trigger, Ticks.ToTime(Started_At), Envelope, body),
            (RunStatus)Status,
            Ticks.ToTime(Finished_At),
            Ticks.ToTime(Wake_At),
            Fence,
            entries);
    }
}
