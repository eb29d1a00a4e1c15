using System.Collections.Immutable;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Publishing;

/// <summary>Stores the published versions of all workflows durably. Versions are numbered from 1 and never change.</summary>
internal interface IWorkflowStore
{
    /// <summary>Returns every workflow with its latest version.</summary>
    ValueTask<IReadOnlyList<StoredWorkflow>> LatestAsync(CancellationToken cancellationToken);

    /// <summary>Finds one version; null if there is none.</summary>
    ValueTask<StoredWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken);

    /// <summary>Adds a version to each of these workflows in one transaction, and returns what was stored, in the same order.</summary>
    ValueTask<IReadOnlyList<StoredWorkflow>> PublishAsync(IReadOnlyList<WorkflowText> texts, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Enables or disables a workflow; false if there is none.</summary>
    ValueTask<bool> SetEnabledAsync(string name, bool enabled, CancellationToken cancellationToken);

    /// <summary>
    /// Records, in one transaction, the plugins that these versions were successfully checked against and use from now on.
    /// </summary>
    ValueTask PinAsync(IReadOnlyList<StoredWorkflow> versions, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a workflow; its versions stay for the runs that need them. False if there is none. Publishing it again continues the version
    /// numbers.
    /// </summary>
    ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The source of a workflow to publish.</summary>
/// <param name="Name">The workflow's name.</param>
/// <param name="Text">Its YAML or JSON.</param>
/// <param name="Source">Its origin: a file's path, or <c>api</c>.</param>
internal sealed record WorkflowText(string Name, string Text, string Source)
{
    /// <summary>The plugins that it was checked against.</summary>
    public ImmutableArray<PluginPin> Pins { get; init; } = [];

    /// <summary>The record that it passed; null if the next start must check it again.</summary>
    public CheckRecord? Check { get; init; }
}

/// <summary>A published version.</summary>
internal sealed record StoredWorkflow(string Name, int Version, string Text, string Source, bool Enabled, DateTimeOffset PublishedAt)
{
    /// <summary>The plugins that it is pinned to; empty in versions stored by older hosts, which use the current plugins.</summary>
    public ImmutableArray<PluginPin> Pins { get; init; } = [];

    /// <summary>The record that it passed the checks with these plugins; null if it must be checked again.</summary>
    public CheckRecord? Check { get; init; }

    /// <summary>Returns how many of its runs are kept, and for how long, whether it passes the checks or not; null if omitted.</summary>
    public RetentionSettings? ReadRetention() => Check is { } check ? check.Retention : WorkflowReader.Read(Text).Definition?.Retention;
}
