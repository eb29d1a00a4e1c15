namespace Sluice.Engine.Journal;

/// <summary>What waits to be written or told, and whose turn it is to write: one thread's at a time, the writer's own or that of a run that is alone.</summary>
/// <remarks>
/// While somebody writes nobody signals the writer: it takes all that has gathered when the turn comes back. Nor is it signalled for a run that can wait:
/// most of those come to their end sooner than a thread wakes up, and are written once. So that none waits for ever, the writer looks every
/// <see cref="Doze"/> by itself as long as such runs come.
/// </remarks>
internal sealed class PendingCommits
{
    /// <summary>The longest that a run that can wait is left waiting.</summary>
    public static readonly TimeSpan Doze = TimeSpan.FromMilliseconds(25);

    // As many looks in vain, about a second, and the writer sleeps until it is signalled.
    private const int LooksInVain = 40;

    // A plain monitor: the writer is a thread, and sleeps on it.
    private readonly object _gate = new();
    private List<RunLog> _logs = [];
    private List<WriteJob> _jobs = [];
    private List<PendingWrite> _settled = [];
    private Exception? _closedBecause;
    private bool _isProbeDue;
    private bool _isEnding;
    private bool _hasEnded;
    private bool _isWriterAsleep;
    private bool _isTurnTaken;
    private int _looksLeft;

    /// <summary>Adds a run. If the queue is closed, returns why, and the caller settles the run.</summary>
    /// <param name="log">The run.</param>
    /// <param name="canWait">Whether it can wait, for <see cref="Doze"/> at most.</param>
    public Exception? TryAdd(RunLog log, bool canWait)
    {
        lock (_gate)
        {
            if (_closedBecause is null)
            {
                _logs.Add(log);
                if (!canWait || _looksLeft == 0)
                {
                    WakeWriter();
                }

                _looksLeft = canWait ? LooksInVain : _looksLeft;
            }

            return _closedBecause;
        }
    }

    /// <summary>Adds a change. If the queue is closed, returns why.</summary>
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

    /// <summary>Adds a settled write whose observers the writer notifies. False if the writer has ended: then the caller notifies them.</summary>
    public bool TryAdd(PendingWrite settled)
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                _settled.Add(settled);
                WakeWriter();
            }

            return !_hasEnded;
        }
    }

    /// <summary>
    /// For the writer: gives its turn back, waits for something to do, and takes it all; observers of settled writes are notified after it. The
    /// lists that are passed in are empty, and are filled by others from now on.
    /// </summary>
    public WriterTask Take(ref List<RunLog> logs, ref List<WriteJob> jobs, ref List<PendingWrite> settled)
    {
        lock (_gate)
        {
            _isTurnTaken = false;
            while (_isTurnTaken || !IsSomethingDue)
            {
                Sleep();
            }

            _isTurnTaken = true;
            Swap(ref logs, ref jobs);
            (_settled, settled) = (settled, _settled);
            // A probe does not wait for the observers: while nothing can be written, there are always some.
            var turn = logs.Count > 0 || jobs.Count > 0 ? WriterTask.Write
                : _isProbeDue && !_isEnding ? WriterTask.Probe
                : settled.Count > 0 ? WriterTask.Tell
                : WriterTask.End;
            _isProbeDue = false;
            _hasEnded = turn == WriterTask.End;
            return turn;
        }
    }

    /// <summary>
    /// Takes the turn and the one run that waits. False if the run is not alone: then it is left to the writer. The caller that took it calls
    /// <see cref="GiveBack"/>.
    /// </summary>
    public bool TryTakeLoneRun(ref List<RunLog> logs, ref List<WriteJob> jobs)
    {
        lock (_gate)
        {
            if (_isTurnTaken || _logs.Count != 1 || _jobs.Count > 0 || _isProbeDue || _isEnding || _closedBecause is not null)
            {
                WakeWriter();
                return false;
            }

            _isTurnTaken = true;
            Swap(ref logs, ref jobs);
            return true;
        }
    }

    /// <summary>Has the writer come for what can wait no longer.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            WakeWriter();
        }
    }

    /// <summary>Gives back a turn that was taken for a lone run; what has gathered meanwhile is the writer's.</summary>
    public void GiveBack()
    {
        lock (_gate)
        {
            _isTurnTaken = false;
            if (IsSomethingDue)
            {
                WakeWriter();
            }
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

    /// <summary>Accepts runs again; false if the queue has ended.</summary>
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

    private bool IsSomethingDue => _logs.Count > 0 || _jobs.Count > 0 || _settled.Count > 0 || _isProbeDue || _isEnding;

    private void Swap(ref List<RunLog> logs, ref List<WriteJob> jobs)
    {
        (_logs, logs) = (logs, _logs);
        (_jobs, jobs) = (jobs, _jobs);
    }

    private void Sleep()
    {
        _isWriterAsleep = true;
        if (_looksLeft > 0)
        {
            _looksLeft--;
            Monitor.Wait(_gate, Doze);
        }
        else
        {
            Monitor.Wait(_gate);
        }

        _isWriterAsleep = false;
    }

    private void WakeWriter()
    {
        if (_isWriterAsleep && !_isTurnTaken)
        {
            Monitor.Pulse(_gate);
        }
    }
}

/// <summary>What the writer is to do.</summary>
internal enum WriterTask
{
    Write,
    Tell,
    Probe,
    End,
}
