namespace Sluice.Engine.Journal;

/// <summary>
/// Tells everybody who waited for a commit, on a thread of its own: waking a pool thread for each of them would cost more than what they do then, and
/// an answer never waits for a pool that nodes keep busy.
/// </summary>
internal sealed class Settlement
{
    private readonly object _gate = new();
    private readonly Thread _thread;
    private List<PendingWrite> _waiting = [];
    private List<PendingWrite> _telling = [];
    private bool _isAsleep;
    private bool _isEnding;
    private bool _hasEnded;

    private Settlement() => _thread = new Thread(Run) { IsBackground = true, Name = "settlement" };

    public static Settlement Start()
    {
        var settlement = new Settlement();
        settlement._thread.Start();
        return settlement;
    }

    /// <summary>Whether the caller runs on this very thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Has the observers of settled writes told, soon, in this order.</summary>
    public void Tell(List<PendingWrite> writes)
    {
        if (writes.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (!_hasEnded)
            {
                _waiting.AddRange(writes);
                Wake();
                return;
            }
        }

        // Nobody is left to do it: what comes after the end was refused, and who asked hears that at once.
        writes.ForEach(write => write.Tell());
    }

    /// <summary>Tells what it has, and ends.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnding = true;
            Wake();
        }
    }

    private void Run()
    {
        while (Take())
        {
            foreach (var write in _telling)
            {
                write.Tell();
            }

            _telling.Clear();
        }
    }

    private bool Take()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_isEnding)
            {
                _isAsleep = true;
                Monitor.Wait(_gate);
                _isAsleep = false;
            }

            (_waiting, _telling) = (_telling, _waiting);
            _hasEnded = _telling.Count == 0;
            return !_hasEnded;
        }
    }

    private void Wake()
    {
        if (_isAsleep)
        {
            Monitor.Pulse(_gate);
        }
    }
}
