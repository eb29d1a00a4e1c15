using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Publishing;

/// <summary>A workflow that the host knows: its latest version, and the same compiled where it passes the checks.</summary>
/// <param name="Stored">The latest version.</param>
/// <param name="Code">The same, to be run; null where it is held or does not pass the checks any more.</param>
/// <param name="Route">The webhook it listens to; a held workflow listens too, and answers that it is held. Null where it can't run otherwise.</param>
internal sealed record WorkflowEntry(StoredWorkflow Stored, WorkflowCode? Code, WebhookRoute? Route)
{
    public string Name => Stored.Name;

    public int Version => Stored.Version;

    /// <summary>That it waits for a plugin; null where it does not.</summary>
    public HeldWorkflow? Held { get; init; }

    /// <summary>The plugins that it uses.</summary>
    public ImmutableArray<PluginUse> Uses { get; init; } = [];

    /// <summary>Whether it takes requests and may be started.</summary>
    public bool IsLive => Stored.Enabled && Code is not null;
}

/// <summary>What requests see of the workflows: by name, and by method and path. Written by one at a time, read by all without a lock.</summary>
internal sealed class LiveWorkflows
{
    private readonly ConcurrentDictionary<string, WorkflowEntry> _entries = new(StringComparer.Ordinal);

    public WebhookRoutes<WorkflowEntry> Routes { get; } = new();

    public ICollection<WorkflowEntry> All => _entries.Values;

    public WorkflowEntry? this[string name] => _entries.GetValueOrDefault(name);

    /// <summary>Whether a workflow takes requests once its next version is out; a new one does.</summary>
    public bool IsEnabled(string name) => this[name]?.Stored.Enabled ?? true;

    /// <summary>The route that keeps a workflow from being live; null where none does.</summary>
    public RouteConflict? ConflictOf(WorkflowEntry workflow) => workflow.Route is { } route
        ? Routes.FindConflict(route.Pattern, route.Methods, other => other == workflow.Name)
        : null;

    /// <summary>Shows a workflow in the place of what stood under its name.</summary>
    public void Show(WorkflowEntry entry)
    {
        _entries[entry.Stored.Name] = entry;
        if (entry is { Stored.Enabled: true, Route: { } route })
        {
            Routes.Set(entry.Name, route.Pattern, route.Methods, entry);
        }
        else
        {
            Routes.Remove(entry.Stored.Name);
        }
    }

    public void Remove(string name)
    {
        Routes.Remove(name);
        _entries.TryRemove(name, out _);
    }
}
