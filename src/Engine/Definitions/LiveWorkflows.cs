using System.Collections.Concurrent;

namespace Sluice.Engine.Definitions;

/// <summary>A workflow that the host knows: its latest version, and the same compiled where it passes the checks.</summary>
internal sealed record WorkflowEntry(StoredWorkflow Stored, LiveWorkflow? Runnable)
{
    /// <summary>What takes requests; null where it is disabled or can't run.</summary>
    public LiveWorkflow? Live => Stored.Enabled ? Runnable : null;
}

/// <summary>What requests see of the workflows: by name, and by method and path. Written by one at a time, read by all without a lock.</summary>
internal sealed class LiveWorkflows
{
    private readonly ConcurrentDictionary<string, WorkflowEntry> _entries = new(StringComparer.Ordinal);

    public WebhookRoutes<LiveWorkflow> Routes { get; } = new();

    public ICollection<WorkflowEntry> All => _entries.Values;

    public WorkflowEntry? this[string name] => _entries.GetValueOrDefault(name);

    /// <summary>Whether a workflow takes requests once its next version is out; a new one does.</summary>
    public bool IsEnabled(string name) => this[name]?.Stored.Enabled ?? true;

    /// <summary>The route that keeps a workflow from being live; null where none does.</summary>
    public RouteConflict? ConflictOf(LiveWorkflow workflow) => workflow.Compiled.Webhook is { } webhook
        ? Routes.FindConflict(webhook.Pattern, webhook.Methods, other => other == workflow.Name)
        : null;

    /// <summary>Shows a workflow in the place of what stood under its name.</summary>
    public void Show(WorkflowEntry entry)
    {
        _entries[entry.Stored.Name] = entry;
        if (entry.Live is { Compiled.Webhook: { } webhook } live)
        {
            Routes.Set(live.Name, webhook.Pattern, webhook.Methods, live);
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
