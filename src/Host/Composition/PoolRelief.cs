namespace Sluice.Host.Composition;

/// <summary>
/// Gives the thread pool more threads where nodes block those that it has: by itself it would add one or two a second, and requests would wait for them.
/// </summary>
/// <remarks>A thread of its own, because a pool that is blocked runs no timers. It looks only while runs are active.</remarks>
internal sealed class PoolRelief : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    // As many looks in a row without a blocked pool, about 10 s, and the pool goes back to what it had.
    private const int CalmLooks = 400;

    private readonly int _mostThreads;
    private readonly Func<bool> _isBusy;
    private readonly Func<int> _lostThreads;
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private readonly (int Workers, int Ports) _usual;
    private long _completed;
    private int _calm;

    private PoolRelief(int mostThreads, Func<bool> isBusy, Func<int> lostThreads)
    {
        _mostThreads = mostThreads;
        _isBusy = isBusy;
        _lostThreads = lostThreads;
        ThreadPool.GetMinThreads(out var workers, out var ports);
        _usual = (workers, ports);
        _thread = new Thread(Run) { IsBackground = true, Name = "pool relief" };
    }

    /// <param name="mostThreads">The most threads that it makes the pool have.</param>
    /// <param name="isBusy">Whether any run is active.</param>
    /// <param name="lostThreads">How many threads may never come back, because the call of a node holds them: the pool gets as many more.</param>
    public static PoolRelief Start(int mostThreads, Func<bool> isBusy, Func<int> lostThreads)
    {
        var relief = new PoolRelief(mostThreads, isBusy, lostThreads);
        relief._thread.Start();
        return relief;
    }

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _ended.Dispose();
        SetThreads(_usual.Workers);
    }

    private void Run()
    {
        while (!_ended.Wait(Look))
        {
            if (_isBusy() || _calm < CalmLooks)
            {
                LookOnce();
            }
        }
    }

    // Blocked: something waits, and since the last look nothing at all was completed.
    private void LookOnce()
    {
        var completed = ThreadPool.CompletedWorkItemCount;
        var isBlocked = ThreadPool.PendingWorkItemCount > 0 && completed == _completed;
        _completed = completed;
        if (isBlocked)
        {
            _calm = 0;
            SetThreads(Math.Min(ThreadPool.ThreadCount + Math.Max(Environment.ProcessorCount, ThreadPool.ThreadCount / 4), _mostThreads + _lostThreads()));
        }
        else if (++_calm == CalmLooks)
        {
            SetThreads(_usual.Workers);
        }
    }

    private void SetThreads(int workers) => ThreadPool.SetMinThreads(Math.Max(workers, _usual.Workers + _lostThreads()), _usual.Ports);
}
