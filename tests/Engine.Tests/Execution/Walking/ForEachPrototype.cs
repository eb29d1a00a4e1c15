using System.Collections.Immutable;
using System.Globalization;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>A loop over a list, with several iterations at once: proves that the walker can carry one. The first failure starts nothing new and fails the loop.</summary>
/// <remarks>Its own execution evaluates the list; here the port says how many items there are.</remarks>
internal sealed class ForEachPrototype(string key, int concurrency, ImmutableArray<PlanStep> body) : PlanStep(key)
{
    public override StepOutcome? Enter(Walker walker, Frame frame)
    {
        var path = frame.PathOf(Key);
        return walker.Facts.Decision(path) is { } items ? Open(walker, frame, items) : walker.Call(this, frame, path);
    }

    public override StepOutcome? Ended(Walker walker, Frame frame, StepOutcome outcome, JournalEntry.Step? record) =>
        outcome.Kind == OutcomeKind.GoOn ? Open(walker, frame, walker.Decide(frame.PathOf(Key), outcome.Port!)) : outcome;

    private StepOutcome? Open(Walker walker, Frame frame, string items) =>
        new Loop(frame, frame.PathOf(Key), int.Parse(items, CultureInfo.InvariantCulture), concurrency, body).Fill(walker);

    private sealed class Loop(Frame parent, string path, int items, int concurrency, ImmutableArray<PlanStep> body) : Frame(parent, parent.Prefix)
    {
        private readonly List<(int Index, StepOutcome Outcome)> _unfinished = [];
        private int _started;
        private int _running;
        private bool _isFilling;

        public override StepOutcome? Next(Walker walker, Frame? child, StepOutcome outcome)
        {
            _running--;
            Note(((Iteration)child!).Index, outcome);
            return Fill(walker);
        }

        // Starts iterations while there is room; the loop has ended when none is left.
        public StepOutcome? Fill(Walker walker)
        {
            if (_isFilling)
            {
                return null;
            }

            _isFilling = true;
            while (_started < items && _running < concurrency)
            {
                var iteration = new Iteration(this, $"{path}[{_started}].", _started++);
                if (_unfinished.Count > 0 && !walker.Facts.HasBegun(iteration.Prefix))
                {
                    continue;
                }

                _running++;
                if (iteration.Begin(walker, body) is { } outcome)
                {
                    _running--;
                    Note(iteration.Index, outcome);
                }
            }

            _isFilling = false;
            return _running > 0 ? null : Outcome(walker);
        }

        private void Note(int index, StepOutcome outcome)
        {
            if (outcome.Kind != OutcomeKind.GoOn)
            {
                _unfinished.Add((index, outcome));
            }
        }

        // Which failure came first depends on the order of events, which nothing else records.
        private StepOutcome Outcome(Walker walker)
        {
            if (_unfinished.Count == 0)
            {
                return StepOutcome.GoOn();
            }

            var first = int.Parse(walker.Decide($"{path}#first", $"{_unfinished[0].Index}"), CultureInfo.InvariantCulture);
            return _unfinished.Find(item => item.Index == first).Outcome;
        }
    }

    /// <summary>The frame of one iteration: it passes on how its steps ended.</summary>
    private sealed class Iteration(Loop loop, string prefix, int index) : Frame(loop, prefix)
    {
        public int Index => index;

        public StepOutcome? Begin(Walker walker, ImmutableArray<PlanStep> body) => new Sequence(this, Prefix, body).Walk(walker);

        public override StepOutcome? Next(Walker walker, Frame? child, StepOutcome outcome) => outcome;
    }
}
