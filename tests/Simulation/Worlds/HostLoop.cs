using Sluice.Engine.Execution;

namespace Sluice.Simulation.Worlds;

/// <summary>The threads of one simulated host: all that its engine queues, run one at a time in an order that the seed chooses.</summary>
/// <remarks>
/// Awaits of the engine come back here because it is the current synchronization context, walks because it is the engine's scheduler. What a dead host
/// has queued never runs.
/// </remarks>
internal sealed class HostLoop(Random random) : SynchronizationContext, IWorkScheduler
{
    private readonly Lock _gate = new();
    private readonly List<(SendOrPostCallback Callback, object? State)> _work = [];
    private bool _isDead;

    public bool HasWork
    {
        get
        {
            lock (_gate)
            {
                return _work.Count > 0;
            }
        }
    }

    public void Kill()
    {
        lock (_gate)
        {
            _isDead = true;
            _work.Clear();
        }
    }

    public void Queue(IThreadPoolWorkItem work, bool preferLocal) => Post(static item => ((IThreadPoolWorkItem)item!).Execute(), work);

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (!_isDead)
            {
                _work.Add((d, state));
            }
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing of the engine waits for its thread.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs one piece of work.</summary>
    public void RunOne()
    {
        (SendOrPostCallback Callback, object? State) work;
        lock (_gate)
        {
            var chosen = random.Next(_work.Count);
            work = _work[chosen];
            _work.RemoveAt(chosen);
        }

        Run(() => work.Callback(work.State));
    }

    /// <summary>Runs something as if on a thread of this host.</summary>
    public void Run(Action action)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
