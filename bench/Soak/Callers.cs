namespace Sluice.Bench.Soak;

/// <summary>The callers of one kind: those who are free take what is due; what nobody is free for waits, and its wait counts.</summary>
/// <remarks>
/// That is what keeps the measurement honest (no coordinated omission): a request's time begins when it was due, whether or not anybody was free to send
/// it, so a host that stands still for a second is charged with every request of that second.
/// </remarks>
internal sealed class Callers
{
    private readonly Lock _lock = new();
    private readonly Stack<Caller> _free;
    private readonly Queue<long> _waiting;
    private readonly int _mayWait;
    private readonly Tally _tally;

    /// <param name="make">Makes a caller of this kind.</param>
    /// <param name="count">How many connections there are at most.</param>
    /// <param name="mayWait">How many requests may wait for one; what is due beyond that counts as failed.</param>
    /// <param name="tally">Where it is written down.</param>
    /// <param name="cancellationToken">Ends all of them.</param>
    public Callers(Func<Callers, Caller> make, int count, int mayWait, Tally tally, CancellationToken cancellationToken)
    {
        _free = new Stack<Caller>(count);
        _waiting = new Queue<long>(mayWait);
        _mayWait = mayWait;
        _tally = tally;
        Ended = Task.WhenAll(Enumerable.Range(0, count).Select(_ => make(this).RunAsync(cancellationToken)).ToArray());
    }

    /// <summary>Completes once every caller has ended.</summary>
    public Task Ended { get; }

    /// <summary>One more request is due.</summary>
    /// <param name="due">When; a timestamp.</param>
    public void Due(long due)
    {
        Caller? caller;
        lock (_lock)
        {
            if (!_free.TryPop(out caller))
            {
                if (_waiting.Count < _mayWait)
                {
                    _waiting.Enqueue(due);
                }
                else
                {
                    _tally.Fail("not sent: every connection was taken");
                }

                return;
            }
        }

        caller.Take(due);
    }

    /// <summary>What a caller who is free does next; false where it has to wait until it is told.</summary>
    public bool TryNext(Caller caller, out long due)
    {
        lock (_lock)
        {
            if (_waiting.TryDequeue(out due))
            {
                return true;
            }

            _free.Push(caller);
            return false;
        }
    }
}
