namespace Sluice.Bench.Soak;

/// <summary>
/// The callers of one kind: a free caller takes the next due request; without one the request waits, and its wait counts.
/// </summary>
/// <remarks>
/// This avoids coordinated omission: the latency of a request starts when it is due, whether or not a caller is free to send it, so a host
/// that stalls for a second is charged with every request of that second.
/// </remarks>
internal sealed class Callers
{
    private readonly Lock _lock = new();
    private readonly Stack<Caller> _free;
    private readonly Queue<long> _waiting;
    private readonly int _mayWait;
    private readonly Tally _tally;

    /// <param name="make">Creates a caller of this kind.</param>
    /// <param name="count">The maximum number of connections.</param>
    /// <param name="mayWait">The number of requests that may wait for a caller; those beyond it count as failed.</param>
    /// <param name="tally">Receives the results.</param>
    /// <param name="cancellationToken">Stops all callers.</param>
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

    /// <summary>Hands out a due request.</summary>
    /// <param name="due">The timestamp at which it is due.</param>
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
                    _tally.Fail("not sent: all connections were busy");
                }

                return;
            }
        }

        caller.Take(due);
    }

    /// <summary>Gets the next request for a free caller; false if it must wait until it is woken.</summary>
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
