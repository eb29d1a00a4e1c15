using System.Collections.Immutable;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Publishing;

/// <summary>The published versions of all workflows, durable. Versions are numbered from 1 and never change.</summary>
internal interface IWorkflowStore
{
    /// <summary>Every workflow with its latest version.</summary>
    ValueTask<IReadOnlyList<StoredWorkflow>> LatestAsync(CancellationToken cancellationToken);

    /// <summary>One version; null where there is none.</summary>
    ValueTask<StoredWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken);

    /// <summary>Adds a version to each of these workflows, all in one transaction, and gives back what was stored, in the same order.</summary>
    ValueTask<IReadOnlyList<StoredWorkflow>> PublishAsync(IReadOnlyList<WorkflowText> texts, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Enables or disables a workflow; false where there is none.</summary>
    ValueTask<bool> SetEnabledAsync(string name, bool enabled, CancellationToken cancellationToken);

    /// <summary>Notes which plugins versions are checked against from now on, and that they passed, all in one transaction.</summary>
    ValueTask PinAsync(IReadOnlyList<StoredWorkflow> versions, CancellationToken cancellationToken);

    /// <summary>Takes a workflow off; its versions stay for the runs that need them. False where there is none. Publishing again continues the numbers.</summary>
    ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The text of a workflow to publish.</summary>
/// <param name="Name">The workflow's name.</param>
/// <param name="Text">Its YAML or JSON.</param>
/// <param name="Source">Where it came from: a file's path, or <c>api</c>.</param>
internal sealed record WorkflowText(string Name, string Text, string Source)
{
    /// <summary>What it was checked against.</summary>
    public ImmutableArray<PluginPin> Pins { get; init; } = [];

    /// <summary>That it passed; null where a start is to check it again in any case.</summary>
    public CheckRecord? Check { get; init; }
}

/// <summary>A published version.</summary>
internal sealed record StoredWorkflow(string Name, int Version, string Text, string Source, bool Enabled, DateTimeOffset PublishedAt)
{
    /// <summary>What it is checked against; empty in versions stored before that was kept, which take whatever is there.</summary>
    public ImmutableArray<PluginPin> Pins { get; init; } = [];

    /// <summary>That it passed the checks with these plugins; null where it is to be checked again.</summary>
    public CheckRecord? Check { get; init; }

    /// <summary>How many of its runs are kept, and how long, whether it passes the checks now or not; null if omitted.</summary>
    public RetentionSettings? ReadRetention() => Check is { } check ? check.Retention : WorkflowReader.Read(Text).Definition?.Retention;
}
