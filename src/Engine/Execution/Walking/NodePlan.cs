using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Execution.Walking;

/// <summary>A step that calls a node, and the steps behind each of its ports.</summary>
internal sealed class NodePlan : PlanStep
{
    private readonly FrozenDictionary<string, ImmutableArray<PlanStep>> _branches;

    public NodePlan(CompiledStep step)
        : base(step.Key)
    {
        Step = step;
        _branches = step.Branches.ToFrozenDictionary(branch => branch.Key, branch => Of(branch.Value), StringComparer.Ordinal);
    }

    public CompiledStep Step { get; }

    /// <summary>The plan of a list of steps.</summary>
    public static ImmutableArray<PlanStep> Of(ImmutableArray<CompiledStep> steps) => [.. steps.Select(step => new NodePlan(step))];

    public override StepOutcome? Enter(Walker walker, Frame frame)
    {
        var path = frame.PathOf(Key);
        return walker.TryRestore(this, path) is { } record ? Ended(walker, frame, OutcomeOf(path, record), record) : walker.Call(this, frame, path);
    }

    public override StepOutcome? Ended(Walker walker, Frame frame, StepOutcome outcome, JournalEntry.Step? record) =>
        outcome is { Kind: OutcomeKind.GoOn, Port: { } port } && _branches.TryGetValue(port, out var branch)
            ? new Sequence(frame, frame.Prefix, branch).Walk(walker)
            : outcome;

    /// <summary>What the record of an execution means for the walk.</summary>
    public static StepOutcome OutcomeOf(string path, JournalEntry.Step record) => record switch
    {
        { Status: StepStatus.Failed, Error.Kind: FailureKind.Cancelled } => StepOutcome.Cancelled(),
        { Status: StepStatus.Failed } => StepOutcome.Failed(path, record.Error!),
        { Status: StepStatus.Suspended } => throw new InvalidOperationException("A suspended step has not ended."),
        { End: { Succeeded: true } end } => StepOutcome.Succeeded(end.Message),
        { End: { } end } => StepOutcome.Failed(path, new NodeFailure("stopped", end.Message ?? "The workflow stopped the run.")),
        _ => StepOutcome.GoOn(record.Port),
    };
}
