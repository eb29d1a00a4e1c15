using System.Buffers;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The runs in SQLite: one row a run, chapters for what a run appends later, rows of their own for what few runs have.</summary>
/// <param name="writer">Makes the changes.</param>
/// <param name="reader">Reads beside it.</param>
/// <param name="epoch">The number of this host: the owner of the runs that it takes over.</param>
/// <param name="time">The clock.</param>
internal sealed class SqliteRunStore(SqliteWriter writer, SqliteReader reader, long epoch, TimeProvider time) : IRunStore
{
    public ValueTask<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            using var runs = new RunReader(connection);
            using var query = new RawStatement(connection, RunReader.Query("run where id = ?1"));
            query.Bind(1, id);
            return runs.Read(query, cancellationToken).FirstOrDefault();
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RunSummary>>(connection => RunListing.Read(connection, filter, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<RequestSummary>> ListRequestsAsync(RunFilter filter, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<RequestSummary>>(connection => RunListing.ReadRequests(connection, filter, cancellationToken), cancellationToken);

    public ValueTask<RunProgress?> ProgressAsync(RunId id, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            using var snapshot = connection.BeginTransaction(deferred: true);
            return connection.QueryFirstOrDefault<ProgressRow>("select seq, status, entries from run where id = @id", new { id = id.ToBytes() }, snapshot) is { } row
                ? new RunProgress((RunStatus)row.Status, ReadEntries(connection, row.Seq, row.Entries, snapshot))
                : null;
        },
        cancellationToken);

    public ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken) => reader.ReadAsync(
        connection => (int)connection.Number("select count(*) from run indexed by run_queued where status = 0"), cancellationToken);

    public ValueTask<RunPage> SelectAsync(RunSelection selection, int limit, CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => RunPages.Read(connection, selection, epoch, limit, cancellationToken), cancellationToken);

    public async ValueTask<IReadOnlyList<RunRecord>> TakeOverAsync(
        IReadOnlyList<RunRecord> runs, IReadOnlyDictionary<RunId, JournalEntry> entries, CancellationToken cancellationToken) =>
        runs.Count == 0 ? [] : await writer.WriteAsync(connection => TakeOverRows.Take(connection, runs, entries, epoch), cancellationToken);

    public ValueTask<DateTimeOffset?> NextDueAsync(DateTimeOffset after, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            using var next = new RawStatement(connection, "select min(wake_at) from wait indexed by wait_by_time where wake_at > ?1");
            next.Bind(1, after);
            return next.Step() ? Ticks.ToTime(next.OptionalNumber(0)) : null;
        },
        cancellationToken);

    public ValueTask<SignalResult> SignalAsync(RunId run, Signal signal, CancellationToken cancellationToken) =>
        writer.WriteAsync(connection => SignalRows.Add(connection, run, signal), cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> FindOutputAsync(RunId run, string path, int attempt, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            using var find = new RawStatement(
                connection, "select bytes from output where run = (select seq from run where id = ?1) and path = ?2 and attempt = ?3");
            find.Bind(1, run);
            find.Bind(2, path);
            find.Bind(3, attempt);
            return find.Step() ? find.Bytes(0).ToArray() : (ReadOnlyMemory<byte>?)null;
        },
        cancellationToken);

    public ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken) =>
        reader.ReadAsync(connection => ClaimRows.Find(connection, key, time.GetUtcNow()), cancellationToken);

    public ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken) =>
        writer.WriteAsync(connection => ClaimRows.RemoveSpent(connection, time.GetUtcNow(), limit), cancellationToken);

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
}
