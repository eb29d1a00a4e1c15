namespace Sluice.Engine.Execution.Walking;

/// <summary>One execution of a step that the walker asks for.</summary>
/// <param name="Plan">The step.</param>
/// <param name="Frame">What is walked around it.</param>
/// <param name="Path">What identifies it: the step's key, prefixed by the enclosing loops and their indices.</param>
/// <param name="Attempt">The attempt number, from 1.</param>
/// <param name="StartedAt">When this attempt starts.</param>
/// <param name="FirstStart">When the first attempt started: what its config derives time and UUIDs from.</param>
/// <param name="Wake">What woke it, if it had suspended itself.</param>
internal sealed record StepCall(PlanStep Plan, Frame Frame, string Path, int Attempt, DateTimeOffset StartedAt, DateTimeOffset FirstStart, WakeCause? Wake = null)
{
    /// <summary>The enclosing loops and their indices: <c>prices[3].</c>; empty outside of loops.</summary>
    public string Prefix => Frame.Prefix;
}

/// <summary>What woke a suspended step.</summary>
/// <param name="At">The time that the step had waited for.</param>
internal readonly record struct WakeCause(DateTimeOffset At);
