using Microsoft.Extensions.Logging;
using Sluice.Engine.Checking;
using Sluice.Engine.Execution;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Definitions;

/// <summary>The workflows as users of plugins: which versions they run on, and what becomes of them when plugins come and go.</summary>
internal sealed partial class WorkflowRegistry
{
    /// <summary>Raised when workflows may run that could not before, because plugins have come.</summary>
    public event Action? Rechecked;

    public IReadOnlySet<string> NeededHashes => Pinned.Select(plugin => plugin.Hash).ToHashSet(StringComparer.Ordinal);

    /// <summary>The plugin versions that the latest versions of all workflows were checked against.</summary>
    private IEnumerable<PluginIdentity> Pinned => _workflows.All.SelectMany(entry => entry.Stored.Pins).Select(pin => pin.Plugin);

    /// <summary>Checks the workflows again that use one of these plugins or can't run, and moves them to newer versions by rule.</summary>
    public async Task RecheckAsync(IReadOnlySet<string> plugins, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        _older.Clear();
        var concerned = _workflows.All.Where(entry => entry.Runnable is null || entry.Stored.Pins.Any(pin => plugins.Contains(pin.Plugin.Name)));
        await TakeOnAsync([.. concerned.Select(entry => entry.Stored)], cancellationToken);
        Rechecked?.Invoke();
    }

    /// <summary>Moves a workflow to the current version of each plugin that it uses, of whatever major number; refused where it does not pass the checks with them.</summary>
    public async Task<WorkflowChange> MovePluginsAsync(string name, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        if (_workflows[name] is not { } entry)
        {
            return WorkflowChange.NotFound;
        }

        var check = checker.CheckText(entry.Stored.Text);
        if (check.Compiled is not { } compiled)
        {
            return WorkflowChange.Refused(check.Problems);
        }

        var stored = entry.Stored with { Pins = PluginPin.Of(compiled) };
        var moved = EntryOf(stored, compiled);
        if (stored.Enabled && _workflows.ConflictOf(moved) is { } conflict)
        {
            return WorkflowChange.Refused(PublicationPlan.RouteTaken(compiled, conflict));
        }

        await store.PinAsync([stored], cancellationToken);
        _workflows.Show(moved);
        _refused.Note(name, stored.Source, name, []);
        _older.Clear();
        Rechecked?.Invoke();
        logger.LogInformation("Moved {Workflow} to {Plugins}", name, string.Join(", ", stored.Pins.Select(pin => pin.Plugin.Label).Distinct()));
        return WorkflowChange.Done;
    }

    private WorkflowEntry EntryOf(StoredWorkflow stored, CompiledWorkflow compiled) =>
        new(stored, new LiveWorkflow(stored, compiled)) { Uses = _pinned.UsesOf(stored.Pins) };

    private bool IsCurrent(CheckedWorkflow check) =>
        check.Compiled is not { } compiled || PluginPin.Of(compiled).All(pin => checker.Catalog.Find(pin.Type)?.Descriptor.Plugin == pin.Plugin);

    private async Task TakeOnAsync(IReadOnlyList<StoredWorkflow> all, CancellationToken cancellationToken)
    {
        // Where two are in each other's way by now, the one that was there first keeps its path.
        StoredWorkflow[] inOrder = [.. all.OrderBy(stored => stored.PublishedAt).ThenBy(stored => stored.Name, StringComparer.Ordinal)];
        var checks = await CheckAllAsync(inOrder, _pinned.Check, cancellationToken);
        StoredWorkflow[] moved = [.. inOrder.Zip(checks).Where(item => !item.First.Pins.SequenceEqual(item.Second.Stored.Pins)).Select(item => item.Second.Stored)];
        if (moved.Length > 0)
        {
            await store.PinAsync(moved, cancellationToken);
        }

        foreach (var result in checks)
        {
            TakeOn(result);
        }
    }

    private void TakeOn(PinnedWorkflow result)
    {
        var stored = result.Stored;
        var before = _workflows[stored.Name];
        var entry = new WorkflowEntry(stored, result.Check.Compiled is { } compiled ? new LiveWorkflow(stored, compiled) : null) { Held = result.Held, Uses = result.Uses };
        var problems = result.Check.Problems;
        if (stored.Enabled && entry.Webhook is { } webhook && _workflows.ConflictOf(entry) is { } conflict)
        {
            problems = [PublicationPlan.RouteTaken(webhook, result.Check.Definition!.Trigger, conflict)];
            entry = entry with { Runnable = null, Held = null };
        }

        _workflows.Show(entry);
        _refused.Note(stored.Name, stored.Source, stored.Name, problems);
        if (before?.Held is not null && entry.Runnable is not null)
        {
            logger.LogInformation("The workflow {Workflow} is held no longer", stored.Name);
        }
    }

    // The text of the latest version again. Where that runs it stays as it is, on the plugins it is pinned to; where it did not, it does now.
    private async Task<StoredWorkflow> SameVersionAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        var entry = _workflows[candidate.Name]!;
        if (entry.Runnable is not null)
        {
            return entry.Stored;
        }

        var stored = entry.Stored with { Pins = PluginPin.Of(candidate.Compiled) };
        await store.PinAsync([stored], cancellationToken);
        return stored;
    }
}
