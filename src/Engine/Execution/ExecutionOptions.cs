namespace Sluice.Engine.Execution;

/// <summary>The limits of execution.</summary>
internal sealed record ExecutionOptions
{
    /// <summary>How long one call of a node may take where its step says nothing.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a node may take to notice that its token was cancelled, before the step goes on without it. The node contract's law.</summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many bytes the body of a reply may have.</summary>
    public int MaxReplyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>How many runs that a stop or a crash left unfinished are walked at once at the start.</summary>
    public int MaxRecoveredRunsAtOnce { get; init; } = 256;
}
