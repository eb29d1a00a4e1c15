using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Host.Composition;

/// <summary>
/// Gives the thread pool more threads where nodes block those that it has: by itself it would add one or two a second, and requests would wait for them.
/// </summary>
/// <remarks>A thread of its own, because a pool that is blocked runs no timers. It looks only while runs are active.</remarks>
internal sealed class PoolRelief : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    // A process that uses a processor is not blocked, and more threads would only wait for processors with the others. A pool that is blocked
    // nevertheless completes nothing for longer.
    private const double WorkingShare = 0.25;
    private static readonly TimeSpan StillWhileWorking = TimeSpan.FromMilliseconds(500);

    // As many looks in a row without a blocked pool, about 10 s, and the pool goes back to what it had.
    private const int CalmLooks = 400;

    private readonly int _mostThreads;
    private readonly Func<bool> _isBusy;
    private readonly Func<int> _lostThreads;
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private readonly (int Workers, int Ports) _usual;
    private long _completed;
    private long _completedAt;
    private long _lookedAt;
    private TimeSpan _used;
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
        var (completed, used, now) = (ThreadPool.CompletedWorkItemCount, UsedTime(), Stopwatch.GetTimestamp());
        var isStill = completed == _completed;
        var isWorking = used - _used > WorkingShare * Stopwatch.GetElapsedTime(_lookedAt, now);
        (_completed, _used, _lookedAt) = (completed, used, now);
        if (!isStill)
        {
            _completedAt = now;
        }

        if (isStill && ThreadPool.PendingWorkItemCount > 0 && (!isWorking || Stopwatch.GetElapsedTime(_completedAt, now) > StillWhileWorking))
        {
            _calm = 0;
            SetThreads(Math.Min(ThreadPool.ThreadCount + Math.Max(Environment.ProcessorCount, ThreadPool.ThreadCount / 4), _mostThreads + _lostThreads()));
        }
        else if (++_calm == CalmLooks)
        {
            SetThreads(_usual.Workers);
        }
    }

    [SuppressMessage("Interoperability", "CA1416", Justification = "The host runs where the time of a process is known.")]
    private static TimeSpan UsedTime() => Environment.CpuUsage.TotalTime;

    private void SetThreads(int workers) => ThreadPool.SetMinThreads(Math.Max(workers, _usual.Workers + _lostThreads()), _usual.Ports);
}
