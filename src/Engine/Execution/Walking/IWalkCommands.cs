using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution.Walking;

/// <summary>What the walker asks of the shell around it. The shell executes commands in order, and never calls the walker back from one.</summary>
internal interface IWalkCommands
{
    /// <summary>Append the record of an execution that ended, and make its output readable.</summary>
    void Append(StepCall call, JournalEntry.Step record);

    /// <summary>Append another record.</summary>
    void Append(JournalEntry record);

    /// <summary>Make the output of a step readable that the journal holds.</summary>
    void Restore(PlanStep step, string path, JournalEntry.Step record);

    /// <summary>Evaluate a step and call its node; <see cref="WalkEventKind.Ended"/> says how that ended.</summary>
    void Call(StepCall call);

    /// <summary>The walk is over: the run has ended, or nothing of it is in flight and it waits.</summary>
    void End(StepOutcome outcome);
}
