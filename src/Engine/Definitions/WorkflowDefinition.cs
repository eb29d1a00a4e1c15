using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>A workflow as written: a trigger and a list of steps, with the position of every part.</summary>
internal sealed record WorkflowDefinition
{
    public required string Name { get; init; }

    public Position NameAt { get; init; }

    /// <summary>The author's description; null if omitted.</summary>
    public string? Description { get; init; }

    /// <summary>How long its runs are kept, and how many; null for the host's default.</summary>
    public RetentionSettings? Retention { get; init; }

    public required TriggerDefinition Trigger { get; init; }

    /// <summary>The list of steps as written; null if there is none.</summary>
    public SourceNode.Array? StepsSource { get; init; }

    public required ImmutableArray<StepDefinition> Steps { get; init; }

    /// <summary>Every step, branches included, in the order it is written.</summary>
    public IEnumerable<StepDefinition> AllSteps() => Steps.SelectMany(step => step.WithNested());
}

/// <summary>What starts a run of a workflow.</summary>
/// <param name="Type"><c>webhook</c>; <c>schedule</c> and <c>manual</c> are known but not supported yet.</param>
/// <param name="Config">The trigger's config as written.</param>
/// <param name="At">Its position.</param>
internal sealed record TriggerDefinition(string Type, SourceNode.Object Config, Position At);

/// <summary>One step of a workflow, as written.</summary>
internal sealed record StepDefinition
{
    public required string Key { get; init; }

    public Position KeyAt { get; init; }

    /// <summary>Its path in the workflow: <c>steps[1].branches.true[0]</c>.</summary>
    public string Path { get; init; } = "";

    public required string Type { get; init; }

    public required SourceNode.Object Config { get; init; }

    /// <summary>The condition under which the step runs; null for always.</summary>
    public SourceNode? When { get; init; }

    /// <summary>How long one call of the node may take; null for the host's default.</summary>
    public TimeSpan? Timeout { get; init; }

    public Position TimeoutAt { get; init; }

    public ImmutableArray<BranchDefinition> Branches { get; init; } = [];

    public required Position At { get; init; }

    public required Position TypeAt { get; init; }

    public IEnumerable<StepDefinition> WithNested() => Branches.SelectMany(branch => branch.Steps).SelectMany(step => step.WithNested()).Prepend(this);

    /// <summary>Creates a problem in this step. The path starts at the step if the step has a key, else at the workflow.</summary>
    public Problem Wrong(string rule, string message, string path, Position at) =>
        Key.Length > 0 ? new Problem(rule, message, Key, path, at) : new Problem(rule, message, Path: $"{Path}.{path}", At: at);
}

/// <summary>The steps that run when a step takes a port.</summary>
internal sealed record BranchDefinition(string Port, Position At, ImmutableArray<StepDefinition> Steps);
