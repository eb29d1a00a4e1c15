using System.Collections.Immutable;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>Two lists of steps side by side: what a driver needs to have several calls in flight. It ends with the later one, as the first that did not succeed.</summary>
internal sealed class BothPrototype(string key, ImmutableArray<PlanStep> first, ImmutableArray<PlanStep> second) : PlanStep(key)
{
    public override StepOutcome? Enter(Walker walker, Frame frame) => new Both(frame).Begin(walker, first, second);

    public override StepOutcome? Ended(Walker walker, Frame frame, StepOutcome outcome, JournalEntry.Step? record) => throw new InvalidOperationException("It is not called.");

    private sealed class Both(Frame parent) : Frame(parent, parent.Prefix)
    {
        private StepOutcome _outcome = StepOutcome.GoOn();
        private int _left = 2;

        public StepOutcome? Begin(Walker walker, params ImmutableArray<PlanStep>[] lists)
        {
            foreach (var list in lists)
            {
                if (new Sequence(this, Prefix, list).Walk(walker) is { } outcome)
                {
                    Note(outcome);
                }
            }

            return _left == 0 ? _outcome : null;
        }

        public override StepOutcome? Next(Walker walker, Frame? child, StepOutcome outcome)
        {
            Note(outcome);
            return _left == 0 ? _outcome : null;
        }

        private void Note(StepOutcome outcome)
        {
            _left--;
            _outcome = _outcome.Kind == OutcomeKind.GoOn ? outcome : _outcome;
        }
    }
}
