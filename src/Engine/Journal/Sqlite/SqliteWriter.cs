using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Journal.Sqlite;

/// <summary>The one writer: a thread that puts all runs that wait into one transaction, commits it, and tells them.</summary>
/// <remarks>
/// It tells them itself. A pool that nodes keep busy would make answers wait; a second thread for the news would have the writer commit sooner and fewer at
/// once, which costs a busy host a tenth of its requests: what comes while it tells makes the next transaction larger.
/// A transaction that fails fails for everybody in it. Then nothing is taken until a probe, every <see cref="SqliteOptions.ProbeInterval"/>, has
/// found that the file can be written again.
/// </remarks>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    // Room for a batch of runs: a probe that needs less would call a full disk writable.
    private const int ProbeBytes = 256 * 1024;

    private readonly SqliteOptions _options;
    private readonly ILogger _logger;
    private readonly WriteQueue _queue = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _probeTimer;
    private readonly Thread _thread;
    private readonly DatabaseWatch _watch;
    private readonly TimeProvider _time;

    // Only whose turn it is touches these.
    private readonly List<(RunLog Log, PendingWrite Write)> _written = [];
    private List<RunLog> _logs = [];
    private List<WriteJob> _jobs = [];
    private List<PendingWrite> _settled = [];
    private SqliteConnection _connection;
    private RunStatements _statements;

    private volatile bool _isWritable = true;
    private long _commits;
    private int _pageLimit;

    private SqliteWriter(SqliteOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _time = time;
        _watch = new DatabaseWatch(options, time);
        _thread = new Thread(Run) { IsBackground = true, Name = "journal" };
        PageLimit = options.PageLimit;
        (_connection, _statements) = Connect();
        Mark = NextGeneration();
        _watch.Remember();
        _probeTimer = time.CreateTimer(_ => _queue.AskForProbe(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public event Action? BecameWritable;

    public bool IsWritable => _isWritable;

    /// <summary>What the database was marked with at the start, and once the writer has ended, at its end; null where that could not be written.</summary>
    public JournalMark? Mark { get; private set; }

    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>The most pages that the file may grow to; read when the writer connects.</summary>
    public int? PageLimit { set => Volatile.Write(ref _pageLimit, value ?? int.MaxValue - 1); }

    public static SqliteWriter Start(SqliteOptions options, TimeProvider time, ILogger logger)
    {
        var writer = new SqliteWriter(options, time, logger);
        writer._thread.Start();
        return writer;
    }

    /// <summary>Whether the caller runs on the writer's thread: one that must not be kept.</summary>
    public bool IsOwnThread => Thread.CurrentThread == _thread;

    public void Enqueue(RunLog log, bool canWait)
    {
        if (_queue.TryAdd(log, canWait) is { } closed)
        {
            log.Fail(closed);
        }
    }

    /// <summary>
    /// Writes the run that waits on the calling thread, where it waits alone and nobody writes: then no other thread has to wake up for it. Otherwise it
    /// has the writer come.
    /// </summary>
    public void WriteLoneRun()
    {
        if (_queue.TryTakeLoneRun(ref _logs, ref _jobs))
        {
            WriteAll();
            PendingWrite[] settled = [.. _settled];
            _settled.Clear();
            _queue.GiveBack();
            // Only now: who is told may go on to anything, and nobody is to wait for that.
            Array.ForEach(settled, write => write.Tell());
        }
    }

    /// <summary>Has the writer come for what can wait no longer.</summary>
    public void Hurry() => _queue.Hurry();

    /// <summary>Has the observers of a settled write told, soon.</summary>
    public void Tell(PendingWrite settled)
    {
        if (!_queue.TryAdd(settled))
        {
            // What comes after the end was refused, and who asked hears that at once.
            settled.Tell();
        }
    }

    /// <summary>Has the writer do a change: durable, or undone, when the task completes.</summary>
    /// <exception cref="JournalUnavailableException">It can't be written now.</exception>
    public async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> change, CancellationToken cancellationToken)
    {
        var job = new WriteJob<T>(change, cancellationToken);
        if (_queue.TryAdd(job) is { } closed)
        {
            job.Fail(closed);
        }

        return await job.Outcome;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.End(new JournalUnavailableException("The host is stopping and writes nothing more. The run continues at the next start."));
        await _ended.Task;
        await _probeTimer.DisposeAsync();
    }

    private void Run()
    {
        Turn turn;
        while ((turn = _queue.Take(ref _logs, ref _jobs, ref _settled)) != Turn.End)
        {
            if (turn == Turn.Probe)
            {
                Probe();
            }
            else if (turn == Turn.Write)
            {
                WriteAll();
            }

            TellSettled();
        }

        Disconnect(isLast: true);
        _ended.SetResult();
    }

    private void WriteAll()
    {
        var from = 0;
        try
        {
            do
            {
                var count = Math.Min(_options.BatchLimit, _logs.Count - from);
                WriteBatch(CollectionsMarshal.AsSpan(_logs).Slice(from, count));
                from += count;
            }
            while (from < _logs.Count);
        }
        catch (Exception failure)
        {
            _logs.RemoveRange(0, from);
            BecomeUnwritable(failure);
        }

        _logs.Clear();
        _jobs.Clear();
    }

    private void WriteBatch(ReadOnlySpan<RunLog> logs)
    {
        _statements.Begin();
        foreach (var log in logs)
        {
            Write(log);
        }

        foreach (var job in _jobs)
        {
            job.Perform(_connection, _statements);
        }

        _statements.Commit();
        Interlocked.Increment(ref _commits);
        // Nothing is reported durable in a file that nobody can open again.
        ThrowIfDamaged();
        _watch.ThrowIfMoved();

        SettleWritten(null);
        _jobs.ForEach(job => job.Settle());
        _jobs.Clear();
        if (IsOwnThread)
        {
            TellSettled();
        }
    }

    private void Write(RunLog log)
    {
        if (log.Take() is not { } write)
        {
            return;
        }

        _written.Add((log, write));
        try
        {
            _statements.Write(log, write);
            write.LetGoOfEntries();
        }
        catch (Exception refused) when (refused is FencedException or JournalUnavailableException)
        {
            Refuse(log, write, refused);
        }
        catch (SqliteException failure) when (SqliteFailure.IsOfOneRow(failure.SqliteErrorCode))
        {
            HasFailed = true;
            Refuse(log, write, new JournalUnavailableException($"Run {log.Header.Id} can't be written: {failure.Message}", failure) { IsOfOneRun = true });
        }
    }

    private void Refuse(RunLog log, PendingWrite write, Exception failure)
    {
        _written.RemoveAt(_written.Count - 1);
        log.Fail(failure);
        if (write.Settle(failure))
        {
            _settled.Add(write);
        }
    }

    private void SettleWritten(Exception? failure)
    {
        foreach (var (log, write) in _written)
        {
            if (failure is not null)
            {
                log.Fail(failure);
            }

            if (write.Settle(failure))
            {
                _settled.Add(write);
            }
        }

        _written.Clear();
    }

    // Whoever is told may add to the queue, and never to this list.
    private void TellSettled()
    {
        _settled.ForEach(write => write.Tell());
        _settled.Clear();
    }

    private (SqliteConnection Connection, RunStatements Statements) Connect()
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
            return (connection, new RunStatements(connection));
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

    private void Disconnect(bool isLast)
    {
        try
        {
            _statements.Dispose();
            if (isLast)
            {
                Mark = null;
                // A checkpoint into a file that was replaced would be one into somebody else's.
                if (_isWritable && _watch.Moved() is null)
                {
                    Mark = NextGeneration();
                    _connection.Run("pragma wal_checkpoint(truncate)");
                }
            }

            _connection.Dispose();
        }
        catch (Exception failure)
        {
            _logger.LogWarning(failure, "{File} was not closed cleanly. Nothing is lost: what is in its -wal file is read when it is opened again.", _options.File);
        }
    }
}
