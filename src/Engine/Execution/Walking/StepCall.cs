namespace Sluice.Engine.Execution.Walking;

/// <summary>One execution of a step that the walker asks for.</summary>
/// <param name="Plan">The step.</param>
/// <param name="Frame">The structure around it.</param>
/// <param name="Path">What identifies it: the step's key, prefixed by the enclosing loops and their indices.</param>
/// <param name="Attempt">The attempt number, from 1.</param>
/// <param name="StartedAt">When this attempt starts.</param>
/// <param name="FirstStart">When the first attempt started: what its config derives time and UUIDs from.</param>
internal sealed record StepCall(PlanStep Plan, Frame Frame, string Path, int Attempt, DateTimeOffset StartedAt, DateTimeOffset FirstStart)
{
    /// <summary>What woke it, if it had suspended itself; null otherwise.</summary>
    public WakeCause? Wake { get; init; }

    /// <summary>How often it has suspended itself.</summary>
    public int Suspensions { get; init; }

    /// <summary>The enclosing loops and their indices: <c>prices[3].</c>; empty outside of loops.</summary>
    public string Prefix => Frame.Prefix;
}

/// <summary>What woke a suspended step.</summary>
/// <param name="At">The time that the step had waited for, or when the signal came.</param>
/// <param name="Signal">The signal; null if the time has come.</param>
/// <param name="Payload">What came with the signal.</param>
internal sealed record WakeCause(DateTimeOffset At, string? Signal = null, ReadOnlyMemory<byte> Payload = default);
