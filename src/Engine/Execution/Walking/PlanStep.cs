using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution.Walking;

/// <summary>A step as the walker sees it. Immutable: all runs of a workflow version share one plan.</summary>
internal abstract class PlanStep(string key)
{
    public string Key => key;

    /// <summary>The walk has come to this step. Null while it is pending, else how it ended.</summary>
    public abstract StepOutcome? Enter(Walker walker, Frame frame);

    /// <summary>An execution of this step has ended. Null while something inside the step is pending, else how the step ended.</summary>
    /// <param name="walker">The walker.</param>
    /// <param name="frame">The frame in which the step stands.</param>
    /// <param name="outcome">How the execution ended.</param>
    /// <param name="record">What is recorded of it.</param>
    public abstract StepOutcome? Ended(Walker walker, Frame frame, StepOutcome outcome, JournalEntry.Step? record);
}
