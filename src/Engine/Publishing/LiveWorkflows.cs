using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Publishing;

/// <summary>A workflow that the host knows: its latest version, and its code if it passes the checks.</summary>
/// <param name="Stored">The latest version.</param>
/// <param name="Code">The code of that version; null if it is held or no longer passes the checks.</param>
/// <param name="Route">The webhook it listens to. A held workflow listens too, and responds that it is held. Null if it can't run for
/// another reason.</param>
internal sealed record WorkflowEntry(StoredWorkflow Stored, WorkflowCode? Code, WebhookRoute? Route)
{
    public string Name => Stored.Name;

    public int Version => Stored.Version;

    /// <summary>The hold, if it waits for a plugin; otherwise null.</summary>
    public HeldWorkflow? Held { get; init; }

    /// <summary>The plugins that it uses.</summary>
    public ImmutableArray<PluginUse> Uses { get; init; } = [];

    /// <summary>Whether it accepts requests and can be started.</summary>
    public bool IsLive => Stored.Enabled && Code is not null;
}

/// <summary>The workflows as requests see them: by name, and by method and path. One writer at a time; readers take no lock.</summary>
internal sealed class LiveWorkflows
{
    private readonly ConcurrentDictionary<string, WorkflowEntry> _entries = new(StringComparer.Ordinal);

    public WebhookRoutes<WorkflowEntry> Routes { get; } = new();

    public ICollection<WorkflowEntry> All => _entries.Values;

    public WorkflowEntry? this[string name] => _entries.GetValueOrDefault(name);

    /// <summary>Whether a workflow accepts requests after its next version is published. New workflows do.</summary>
    public bool IsEnabled(string name) => this[name]?.Stored.Enabled ?? true;

    /// <summary>Returns the route that prevents a workflow from being live; null if there is none.</summary>
    public RouteConflict? ConflictOf(WorkflowEntry workflow) => workflow.Route is { } route
        ? Routes.FindConflict(route.Pattern, route.Methods, other => other == workflow.Name)
        : null;

    /// <summary>Adds or replaces the workflow under its name.</summary>
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
