using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>The one connection that writes the file: batches of runs for the commit queue, and what is done when the file can't be written.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The commit queue closes it.")]
internal sealed class SqliteBatchWriter : IBatchWriter
{
    // Room for a batch of runs: a probe that needs less would call a full disk writable.
    private const int ProbeBytes = 256 * 1024;

    private readonly SqliteOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DatabaseWatch _watch;
    private SqliteConnection _connection;
    private RunStatements _statements;
    private int _pageLimit;
    private volatile string? _damage;

    private SqliteBatchWriter(SqliteOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _watch = new DatabaseWatch(options, time);
        PageLimit = options.PageLimit;
        _connection = Connect();
        Mark = NextGeneration();
        Epoch = Mark?.Generation ?? 0;
        _statements = new RunStatements(_connection, Epoch);
    }

    /// <summary>The number of this host among all that had the database open: the owner of the runs that it walks.</summary>
    public long Epoch { get; }

    /// <summary>What the database was marked with when it was opened, and once it is closed, at its end; null if that could not be written.</summary>
    public JournalMark? Mark { get; private set; }

    /// <summary>Whether a write failed since the start, so that runs may miss what was to be written of them.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The most pages that the file may grow to; read when the writer connects.</summary>
    public int? PageLimit { set => Volatile.Write(ref _pageLimit, value ?? int.MaxValue - 1); }

    /// <summary>Whether the files are still the ones that were opened, and none was overwritten. May be asked from any thread.</summary>
    public bool AreFilesIntact => _watch.IsIntact;

    /// <exception cref="SqliteException">The file can't be opened.</exception>
    public static SqliteBatchWriter Open(SqliteOptions options, TimeProvider time, ILogger logger)
    {
        var writer = new SqliteBatchWriter(options, time, logger);
        writer._watch.Remember();
        return writer;
    }

    /// <summary>From the next check on, the database counts as damaged: nothing more is written. May be called from any thread.</summary>
    public void Condemn(string damage) => _damage = damage;

    public void Write(CommitBatch batch)
    {
        try
        {
            _statements.Begin();
            while (batch.TryTake(out var log, out var write))
            {
                WriteRun(batch, log, write);
            }

            foreach (var job in batch.Jobs)
            {
                job.Perform();
            }

            _statements.Commit();
            // Nothing is reported durable in a file that nobody can open again.
            ThrowIfDamaged();
            _watch.ThrowIfLostSinceLastCheck();
        }
        catch (Exception failure)
        {
            RollBack();
            throw Unavailable(failure);
        }
    }

    /// <summary>Makes a change inside the transaction of a batch, all of it or nothing.</summary>
    public void Change(Action<SqliteConnection> change) => _statements.InPieces(() => change(_connection));

    public void Verify()
    {
        try
        {
            ThrowIfDamaged();
            _watch.ThrowIfLost();
        }
        catch (DatabaseLostException lost)
        {
            throw Unavailable(lost);
        }
    }

    public void Reopen()
    {
        _watch.ForgetLog();
        Disconnect();
        _connection = Connect();
        _statements = new RunStatements(_connection, Epoch);
        _connection.Run($"insert into probe (bytes) values (zeroblob({ProbeBytes})); delete from probe");
        _watch.Remember();
    }

    public void Salvage()
    {
        // What is damaged is no copy worth having.
        if (_damage is null)
        {
            DatabaseCopy.Save(_connection, _options, _time.GetUtcNow(), _logger);
        }
    }

    public void Close(bool isWritable)
    {
        Mark = null;
        // A checkpoint into a file that was replaced would be one into somebody else's.
        if (isWritable && _watch.IsIntact)
        {
            Safely(() =>
            {
                Mark = NextGeneration();
                _connection.Run("pragma wal_checkpoint(truncate)");
            });
        }

        Disconnect();
    }

    private void WriteRun(CommitBatch batch, RunLog log, PendingWrite write)
    {
        try
        {
            _statements.Write(log, write);
            write.ReturnBuffer();
        }
        catch (Exception refused) when (refused is FencedException or JournalUnavailableException)
        {
            batch.Refuse(log, write, refused);
        }
        catch (SqliteException failure) when (SqliteFailure.IsOfOneRow(failure.SqliteErrorCode))
        {
            HasFailed = true;
            batch.Refuse(
                log, write, new JournalUnavailableException($"Run {log.Header.Id} can't be written: {failure.Message}", failure) { IsOfOneRun = true });
        }
    }

    private JournalUnavailableException Unavailable(Exception failure)
    {
        HasFailed = true;
        if (failure is DatabaseLostException { IsDamage: true })
        {
            _damage = failure.Message;
        }

        return failure is DatabaseLostException
            ? new JournalUnavailableException(failure.Message, failure) { IsLost = true }
            : SqliteFailure.Unavailable(_options.File, failure);
    }

    private void ThrowIfDamaged()
    {
        if (_damage is { } damage)
        {
            throw new DatabaseLostException(damage);
        }
    }

    private void RollBack()
    {
        try
        {
            _statements.RollBack();
        }
        catch (Exception failure)
        {
            _logger.LogWarning(failure, "The failed transaction could not be rolled back; the next probe opens the file anew.");
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = _options.File, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        try
        {
            connection.Open();
            connection.Run(
                $"""
                pragma busy_timeout = 5000;
                pragma synchronous = full;
                pragma temp_store = memory;
                pragma wal_autocheckpoint = {_options.CheckpointPages};
                pragma max_page_count = {Volatile.Read(ref _pageLimit)};
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private JournalMark? NextGeneration()
    {
        _connection.Run("update identity set generation = generation + 1");
        return JournalMark.Of(_connection);
    }

    private void Disconnect() => Safely(() =>
    {
        _statements.Dispose();
        _connection.Dispose();
    });

    private void Safely(Action close)
    {
        try
        {
            close();
        }
        catch (Exception failure)
        {
            _logger.LogWarning(failure, "{File} was not closed cleanly. Nothing is lost: what is in its -wal file is read when it is opened again.", _options.File);
        }
    }
}
