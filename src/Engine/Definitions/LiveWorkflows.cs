using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers;

namespace Sluice.Engine.Definitions;

/// <summary>A workflow that the host knows: its latest version, and the same compiled where it passes the checks.</summary>
/// <param name="Stored">The latest version.</param>
/// <param name="Runnable">The same, ready to run; null where it is held or does not pass the checks any more.</param>
internal sealed record WorkflowEntry(StoredWorkflow Stored, LiveWorkflow? Runnable)
{
    public string Name => Stored.Name;

    public int Version => Stored.Version;

    /// <summary>That it waits for a plugin; null where it does not.</summary>
    public HeldWorkflow? Held { get; init; }

    /// <summary>The plugins that it uses.</summary>
    public ImmutableArray<PluginUse> Uses { get; init; } = [];

    /// <summary>What takes requests; null where it is disabled or can't run.</summary>
    public LiveWorkflow? Live => Stored.Enabled ? Runnable : null;

    /// <summary>The webhook it listens to; a held workflow listens too, and answers that it is held.</summary>
    public WebhookTrigger? Webhook => Runnable?.Compiled.Webhook ?? Held?.Webhook;
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
    public RouteConflict? ConflictOf(WorkflowEntry workflow) => workflow.Webhook is { } webhook
        ? Routes.FindConflict(webhook.Pattern, webhook.Methods, other => other == workflow.Name)
        : null;

    /// <summary>Shows a workflow in the place of what stood under its name.</summary>
    public void Show(WorkflowEntry entry)
    {
        _entries[entry.Stored.Name] = entry;
        if (entry is { Stored.Enabled: true, Webhook: { } webhook })
        {
            Routes.Set(entry.Name, webhook.Pattern, webhook.Methods, entry);
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
