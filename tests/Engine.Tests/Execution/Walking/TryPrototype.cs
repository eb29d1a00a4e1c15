using System.Collections.Immutable;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>Steps, and steps that run however those ended: proves that the walker can carry <c>finally</c>, through failures, cancellation and crashes.</summary>
internal sealed class TryPrototype(string key, ImmutableArray<PlanStep> body, ImmutableArray<PlanStep> last) : PlanStep(key)
{
    public override StepOutcome? Enter(Walker walker, Frame frame) => new Try(frame, body, last).Begin(walker);

    public override StepOutcome? Ended(Walker walker, Frame frame, StepOutcome outcome, JournalEntry.Step? record) => throw new InvalidOperationException("It is not called.");

    private sealed class Try(Frame parent, ImmutableArray<PlanStep> body, ImmutableArray<PlanStep> last) : Frame(parent, parent.Prefix)
    {
        private StepOutcome? _ofBody;

        // From the end of the body on.
        public override bool IsShielded => _ofBody is not null || base.IsShielded;

        public StepOutcome? Begin(Walker walker) => new Sequence(this, Prefix, body).Walk(walker) is { } outcome ? Next(walker, null, outcome) : null;

        public override StepOutcome? Next(Walker walker, Frame? child, StepOutcome outcome)
        {
            if (_ofBody is not null)
            {
                return OfBoth(outcome);
            }

            _ofBody = outcome;
            return new Sequence(this, Prefix, last).Walk(walker) is { } ofLast ? OfBoth(ofLast) : null;
        }

        private StepOutcome OfBoth(StepOutcome ofLast) => ofLast.Kind == OutcomeKind.GoOn ? _ofBody!.Value : ofLast;
    }
}
