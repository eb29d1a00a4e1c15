using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Expressions;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Compiled;

/// <summary>A workflow that has passed every check and is ready to run.</summary>
internal sealed record CompiledWorkflow
{
    public required string Name { get; init; }

    public required WorkflowDefinition Definition { get; init; }

    /// <summary>The webhook it listens to; null if its trigger has another type.</summary>
    public required WebhookTrigger? Webhook { get; init; }

    /// <summary>The expressions of its webhook's config.</summary>
    public required TriggerExpressions Trigger { get; init; }

    public required ImmutableArray<CompiledStep> Steps { get; init; }

    /// <summary>Whether any step in any branch replies, so that the caller waits.</summary>
    public required bool Replies { get; init; }

    /// <summary>What it may read from the body of a request.</summary>
    public BodyUse BodyUse { get; init; } = BodyUse.All;

    /// <summary>The names of all secrets that its trigger and steps read.</summary>
    public required ImmutableArray<string> Secrets { get; init; }

    /// <summary>Every step, branches included.</summary>
    public IEnumerable<CompiledStep> AllSteps() => Steps.SelectMany(step => step.WithNested());
}

/// <summary>A step that is ready to run.</summary>
internal sealed record CompiledStep
{
    public required string Key { get; init; }

    public required NodeHandle Node { get; init; }

    /// <summary>The logger name of the step's node.</summary>
    public string LoggerName => field ??= $"Sluice.Node.{Node.Descriptor.Type}";

    public required ConfigTemplate Config { get; init; }

    public Template? When { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>The references that its expressions read, except secrets.</summary>
    public IEnumerable<ReferenceUse> References => Config.References.Concat(When?.References ?? []);

    /// <summary>The steps of each branch, by port.</summary>
    public required FrozenDictionary<string, ImmutableArray<CompiledStep>> Branches { get; init; }

    /// <summary>The keys of the steps whose outputs its expressions may read, in whole or in part. Contains other roots as well.</summary>
    public ImmutableArray<string> OutputsRead => field.IsDefault ? field = ReadOutputsRead() : field;

    /// <summary>This step and the steps inside its branches.</summary>
    public IEnumerable<CompiledStep> WithNested() => Branches.Values.SelectMany(branch => branch).SelectMany(step => step.WithNested()).Prepend(this);

    private ImmutableArray<string> ReadOutputsRead() =>
    [
        .. Config.References.Concat(When?.References ?? [])
            .Select(use => use.Reference).Where(reference => reference.ReadsOutput).Select(reference => reference.Root).Distinct(StringComparer.Ordinal),
    ];
}
