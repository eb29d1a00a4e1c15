using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Sluice.Engine.Threading;

namespace Sluice.Engine.Journal;

/// <summary>The one writer: a thread that puts all runs that wait into one transaction, commits it, and tells them.</summary>
/// <remarks>
/// It tells them itself. A pool that nodes keep busy would make answers wait; a second thread for the news would have the writer commit sooner and fewer at
/// once, which costs a busy host a tenth of its requests: what comes while it tells makes the next transaction larger.
/// A transaction that fails fails for everybody in it. Then nothing is taken until a probe, every <see cref="CommitOptions.ProbeInterval"/>, finds that
/// the database can be written again.
/// </remarks>
internal sealed partial class CommitQueue : ICommitQueue, IAsyncDisposable
{
    private readonly IBatchWriter _writer;
    private readonly CommitOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PendingCommits _pending = new();
    private readonly Recurrence _writableAgain = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _probeTimer;
    private readonly Thread _thread;

    // Only whose turn it is touches these.
    private readonly CommitBatch _batch = new();
    private List<RunLog> _logs = [];
    private List<WriteJob> _jobs = [];
    private List<PendingWrite> _settled = [];

    private volatile bool _isWritable = true;
    private long _commits;

    private CommitQueue(IBatchWriter writer, CommitOptions options, TimeProvider time, ILogger logger)
    {
        _writer = writer;
        _options = options;
        _time = time;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "journal" };
        _probeTimer = time.CreateTimer(_ => _pending.AskForProbe(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Task WritableAgain => _writableAgain.Next;

    public ObjectPool<EntryBuffer> Buffers { get; } = EntryBuffer.NewPool();

    public bool IsWritable => _isWritable;

    public bool IsWriterThread => Thread.CurrentThread == _thread;

    /// <summary>How many transactions were committed.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Starts the writer's thread; the batch writer is the queue's from now on, which closes it.</summary>
    public static CommitQueue Start(IBatchWriter writer, CommitOptions options, TimeProvider time, ILogger logger)
    {
        var queue = new CommitQueue(writer, options, time, logger);
        queue._thread.Start();
        return queue;
    }

    public void Enqueue(RunLog log, bool canWait)
    {
        if (_pending.TryAdd(log, canWait) is { } closed)
        {
            log.Fail(closed);
        }
    }

    /// <summary>Has the writer make a change in its next transaction; a queue that is closed fails it at once.</summary>
    public void Enqueue(WriteJob job)
    {
        if (_pending.TryAdd(job) is { } closed)
        {
            job.Fail(closed);
        }
    }

    // No other thread has to wake up for it then.
    public void WriteLoneRun()
    {
        if (_pending.TryTakeLoneRun(ref _logs, ref _jobs))
        {
            WriteAll();
            PendingWrite[] settled = [.. _settled];
            _settled.Clear();
            _pending.GiveBack();
            // Only now: an observer may do anything, and nobody must wait for that.
            Array.ForEach(settled, write => write.Tell());
        }
    }

    public void Hurry() => _pending.Hurry();

    public void Tell(PendingWrite settled)
    {
        if (!_pending.TryAdd(settled))
        {
            // What comes after the end was refused, and who asked hears that at once.
            settled.Tell();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _pending.End(new JournalUnavailableException("The host is stopping and writes nothing more. The run continues at the next start."));
        await _ended.Task;
        await _probeTimer.DisposeAsync();
    }

    private void Run()
    {
        WriterTask task;
        while ((task = _pending.Take(ref _logs, ref _jobs, ref _settled)) != WriterTask.End)
        {
            if (task == WriterTask.Probe)
            {
                Probe();
            }
            else if (task == WriterTask.Write)
            {
                WriteAll();
            }

            TellSettled();
        }

        _writer.Close(_isWritable);
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
                WriteBatch(from, count);
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

    private void WriteBatch(int from, int count)
    {
        _batch.Settled = _settled;
        _batch.Start(_logs, from, count, _jobs);
        var began = _time.GetTimestamp();
        _writer.Write(_batch);
        _options.CommitTime?.Record(_time.GetElapsedTime(began).TotalSeconds);
        Interlocked.Increment(ref _commits);

        _batch.Settle(null);
        _jobs.ForEach(job => job.Settle());
        _jobs.Clear();
        if (IsWriterThread)
        {
            TellSettled();
        }
    }

    // An observer may add to the queue, and never to this list.
    private void TellSettled()
    {
        _settled.ForEach(write => write.Tell());
        _settled.Clear();
    }
}

/// <summary>The limits of the commit queue.</summary>
/// <param name="BatchLimit">How many runs one commit may hold.</param>
/// <param name="ProbeInterval">The time between two attempts to write to a database that could not be written.</param>
internal sealed record CommitOptions(int BatchLimit, TimeSpan ProbeInterval)
{
    /// <summary>Records the time of each commit, in seconds.</summary>
    public Histogram<double>? CommitTime { get; init; }
}
