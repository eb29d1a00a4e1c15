using System.Collections.Immutable;

namespace Sluice.Engine.Execution.Walking;

/// <summary>A list of steps, from top to bottom. It ends with its last step, or with the first step after which the walk does not continue.</summary>
internal sealed class Sequence(Frame? parent, string prefix, ImmutableArray<PlanStep> steps) : Frame(parent, prefix)
{
    private int _next;

    public override StepOutcome? Next(Walker walker, Frame? child, StepOutcome outcome) => outcome.Kind == OutcomeKind.GoOn ? Walk(walker) : outcome;

    /// <summary>Enters steps until one is pending. Null while one is, else how the sequence ended.</summary>
    public StepOutcome? Walk(Walker walker)
    {
        while (_next < steps.Length)
        {
            if (walker.IsCancelled && !IsShielded)
            {
                return StepOutcome.Cancelled();
            }

            if (walker.LeavesOff())
            {
                return null;
            }

            if (steps[_next++].Enter(walker, this) is not { } outcome)
            {
                return null;
            }

            if (outcome.Kind != OutcomeKind.GoOn)
            {
                return outcome;
            }
        }

        return StepOutcome.GoOn();
    }
}
