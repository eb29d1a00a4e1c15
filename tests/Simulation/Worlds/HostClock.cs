namespace Sluice.Simulation.Worlds;

/// <summary>The clock of one simulated host. Time passes only when the world lets it; the timers of a dead host never fire.</summary>
internal sealed class HostClock(World world, SimulatedHost host) : TimeProvider
{
    /// <summary>Where it is: a node finds the world and the host that call it by the clock of its context.</summary>
    public World World => world;

    public SimulatedHost Host => host;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.Now;

    public override long GetTimestamp() => world.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(world, host, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer of a simulated host. It fires on a thread of the host.</summary>
internal sealed class SimulatedTimer(World world, SimulatedHost host, TimerCallback callback, object? state) : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;

    /// <summary>When it fires; null while it is stopped.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : world.Now + dueTime;
        world.Keep(this, DueAt is not null && !host.IsDead);
        return true;
    }

    public void Fire()
    {
        DueAt = _period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero ? null : DueAt + _period;
        world.Keep(this, DueAt is not null && !host.IsDead);
        host.Loop.Post(fired => callback(fired), state);
    }

    public void Dispose()
    {
        DueAt = null;
        world.Keep(this, isRunning: false);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
