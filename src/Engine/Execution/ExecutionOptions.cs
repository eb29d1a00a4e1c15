using Sluice.Engine.Metrics;

namespace Sluice.Engine.Execution;

/// <summary>The limits of execution.</summary>
internal sealed record ExecutionOptions
{
    /// <summary>How long one call of a node may take if its step has no timeout.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a node may take to notice that its token was cancelled, before the step ends without it: the second of the contract's law, and time
    /// for a plugin process to report how the call ended.
    /// </summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How many bytes the body of a reply may have.</summary>
    public int MaxReplyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>How many bytes the output of a step may have, wherever its node runs.</summary>
    public int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many runs that were taken over because they were running or queued are executed at once. One commit takes over at most half as many.</summary>
    public int MaxRecoveredRunsAtOnce { get; init; } = 512;

    /// <summary>How many runs may be active before new ones are queued. Recovery does not wait for it.</summary>
    public int MaxRuns { get; init; } = 10_000;

    /// <summary>How many runs may wait in the journal for a place.</summary>
    public int MaxQueuedRuns { get; init; } = 100_000;

    /// <summary>Records the times of queued runs and of steps; null for nobody.</summary>
    public EngineMetrics? Metrics { get; init; }

    /// <summary>What makes the UUIDs of expressions unguessable; the same at every start and on every host of a journal.</summary>
    public byte[] UuidKey { get; init; } = [];

    /// <summary>Runs the walks of runs.</summary>
    public IWorkScheduler Scheduler { get; init; } = PoolScheduler.Instance;
}
