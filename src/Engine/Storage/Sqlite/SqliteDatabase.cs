using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The one database file of a data directory, open.</summary>
internal sealed class SqliteDatabase : IStorage
{
    private readonly DataDirectoryLock _lock;
    private readonly CommitQueue _queue;
    private readonly SqliteBatchWriter _batches;
    private readonly SqliteReader _reader;
    private readonly JournalMarker _marker;
    private readonly JournalGuard _guard;

    private SqliteDatabase(
        SqliteOptions options, DataDirectoryLock directoryLock, SqliteBatchWriter batches, JournalMarker marker, TimeProvider time, ILogger logger)
    {
        _lock = directoryLock;
        _batches = batches;
        _marker = marker;
        _queue = CommitQueue.Start(batches, new CommitOptions(options.BatchLimit, options.ProbeInterval) { CommitTime = options.CommitTime }, time, logger);
        _reader = new SqliteReader(options);
        _guard = new JournalGuard(options, _queue, batches, _reader, marker, time, logger);
        Writer = new SqliteWriter(_queue, batches);
        Runs = new SqliteRunStore(Writer, _reader, batches.Epoch, time);
        Retention = new SqliteRunRetention(Writer, _reader, time);
        Workflows = new SqliteWorkflowStore(Writer, _reader);
        Rejections = new SqliteRejectionStore(Writer, _reader);
    }

    public ICommitQueue Queue => _queue;

    public IRunStore Runs { get; }

    public IRunRetention Retention { get; }

    public IWorkflowStore Workflows { get; }

    public IRejectionStore Rejections { get; }

    /// <summary>Makes changes other than the entries of runs.</summary>
    internal SqliteWriter Writer { get; }

    /// <summary>For tests and benchmarks: how often the writer committed.</summary>
    internal long Commits => _queue.Commits;

    /// <summary>The most pages that the file may grow to; a new value counts from the next probe of a journal that can't be written.</summary>
    internal int? PageLimit { set => _batches.PageLimit = value; }

    /// <summary>Opens the database of a data directory, creates both if needed, and upgrades an older file to the current schema.</summary>
    /// <exception cref="DataDirectoryException">The directory can't be used.</exception>
    public static SqliteDatabase Open(SqliteOptions options, TimeProvider time, ILogger logger) =>
        Open(options, DataDirectoryLock.Take(options.Directory), time, logger);

    /// <summary>Opens the database of a data directory that this process has locked already; the lock is the database's from now on.</summary>
    /// <exception cref="DataDirectoryException">The directory can't be used.</exception>
    public static SqliteDatabase Open(SqliteOptions options, DataDirectoryLock directoryLock, TimeProvider time, ILogger logger)
    {
        try
        {
            var check = new StartCheck(options, logger);
            check.BeforeOpening();
            Upgrade(options, check, time);
            var marker = JournalMarker.Open(options.Directory, logger);
            var batches = SqliteBatchWriter.Open(options, time, logger);
            marker.Write(batches.Mark!, flush: true);
            return new SqliteDatabase(options, directoryLock, batches, marker, time, logger);
        }
        catch (SqliteException failed)
        {
            directoryLock.Dispose();
            throw SqliteFailure.Unusable(options.File, failed);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            directoryLock.Dispose();
            throw new DataDirectoryException(
                $"The data directory {options.Directory} can't be used: {failed.Message} Give this user read and write access to all of it.", failed);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    public async ValueTask<byte[]> HostKeyAsync(string name, CancellationToken cancellationToken) =>
        await _reader.ReadAsync(connection => FindKey(connection, name), cancellationToken)
            ?? await Writer.WriteAsync(
                connection =>
                {
                    connection.Execute(
                        "insert into host_key (name, bytes) values (@name, @bytes) on conflict do nothing",
                        new { name, bytes = RandomNumberGenerator.GetBytes(32) });
                    return FindKey(connection, name)!;
                },
                cancellationToken);

    // As plain as the rest of a start.
    private static byte[]? FindKey(SqliteConnection connection, string name)
    {
        using var query = new RawStatement(connection, "select bytes from host_key where name = ?1");
        query.Bind(1, name);
        return query.Step() ? query.Bytes(0).ToArray() : null;
    }

    /// <summary>Writes what is queued, folds the write-ahead log into the database and releases the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _guard.DisposeAsync();
        _reader.Dispose();
        await _queue.DisposeAsync();
        _marker.Close(_batches.Mark, _batches.HasFailed);
        _lock.Dispose();
    }

    private static void Upgrade(SqliteOptions options, StartCheck check, TimeProvider time)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = options.File, Pooling = false }.ToString());
        connection.Open();
        connection.Run($"pragma page_size = {SqliteOptions.PageBytes}; pragma journal_mode = wal; pragma synchronous = full");
        check.AfterOpening(connection);
        SchemaUpgrade.Perform(connection);
        if (check.IsAfterUnrecordedStop(connection))
        {
            LeftOffRuns.Record(connection, time.GetUtcNow());
        }
    }
}
