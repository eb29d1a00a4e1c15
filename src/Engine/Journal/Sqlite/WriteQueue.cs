namespace Sluice.Engine.Journal.Sqlite;

/// <summary>What waits for the writer. While the writer is busy nobody signals it: it takes all that has gathered when it comes back.</summary>
internal sealed class WriteQueue
{
    // A plain monitor: the writer is a thread, and sleeps on it.
    private readonly object _gate = new();
    private List<RunLog> _logs = [];
    private List<WriteJob> _jobs = [];
    private Exception? _closedBecause;
    private bool _isProbeDue;
    private bool _isEnding;
    private bool _isWriterAsleep;

    /// <summary>Adds a run; where the queue is closed, why it is, and then the caller settles the run.</summary>
    public Exception? TryAdd(RunLog log)
    {
        lock (_gate)
        {
            if (_closedBecause is null)
            {
                _logs.Add(log);
                WakeWriter();
            }

            return _closedBecause;
        }
    }

    /// <summary>Adds a change; where the queue is closed, why it is.</summary>
    public Exception? TryAdd(WriteJob job)
    {
        lock (_gate)
        {
            if (_closedBecause is null)
            {
                _jobs.Add(job);
                WakeWriter();
            }

            return _closedBecause;
        }
    }

    /// <summary>Waits for something to do, and takes it all. The lists that are passed in are empty, and are filled by others from now on.</summary>
    public Turn Take(ref List<RunLog> logs, ref List<WriteJob> jobs)
    {
        lock (_gate)
        {
            while (_logs.Count == 0 && _jobs.Count == 0 && !_isProbeDue && !_isEnding)
            {
                _isWriterAsleep = true;
                Monitor.Wait(_gate);
                _isWriterAsleep = false;
            }

            (_logs, logs) = (logs, _logs);
            (_jobs, jobs) = (jobs, _jobs);
            var turn = logs.Count > 0 || jobs.Count > 0 ? Turn.Write : _isEnding ? Turn.End : Turn.Probe;
            _isProbeDue = false;
            return turn;
        }
    }

    /// <summary>Takes nothing more, and hands over what nobody has taken yet.</summary>
    public void Close(Exception because, List<RunLog> logs, List<WriteJob> jobs)
    {
        lock (_gate)
        {
            _closedBecause = because;
            logs.AddRange(_logs);
            jobs.AddRange(_jobs);
            _logs.Clear();
            _jobs.Clear();
        }
    }

    /// <summary>Takes again; false where the end has come.</summary>
    public bool TryOpen()
    {
        lock (_gate)
        {
            if (!_isEnding)
            {
                _closedBecause = null;
            }

            return !_isEnding;
        }
    }

    /// <summary>Takes nothing more; the writer does what is left, and ends.</summary>
    public void End(Exception because)
    {
        lock (_gate)
        {
            _closedBecause = because;
            _isEnding = true;
            WakeWriter();
        }
    }

    /// <summary>Has the writer look whether it can write again.</summary>
    public void AskForProbe()
    {
        lock (_gate)
        {
            _isProbeDue = true;
            WakeWriter();
        }
    }

    private void WakeWriter()
    {
        if (_isWriterAsleep)
        {
            Monitor.Pulse(_gate);
        }
    }
}

/// <summary>What the writer is to do.</summary>
internal enum Turn
{
    Write,
    Probe,
    End,
}
