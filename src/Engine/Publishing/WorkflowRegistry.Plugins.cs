using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Plugins;
using Sluice.Engine.Threading;

namespace Sluice.Engine.Publishing;

/// <summary>The plugins of workflows: which versions they run on, and what happens when plugins change.</summary>
internal sealed partial class WorkflowRegistry
{
    private readonly Recurrence _rechecked = new();

    public Task Rechecked => _rechecked.Next;

    public IReadOnlySet<string> NeededHashes => Pinned.Select(plugin => plugin.Hash).ToHashSet(StringComparer.Ordinal);

    /// <summary>The types of all nodes that live workflows use.</summary>
    public IReadOnlySet<string> NodeTypes => _workflows.All.Where(entry => entry.IsLive).SelectMany(entry => entry.Stored.Pins).Select(pin => pin.Type).ToHashSet(StringComparer.Ordinal);

    /// <summary>The plugin versions that the latest versions of all workflows were checked against.</summary>
    private IEnumerable<PluginIdentity> Pinned => _workflows.All.SelectMany(entry => entry.Stored.Pins).Select(pin => pin.Plugin);

    /// <summary>Checks the workflows that use one of these plugins or can't run again, and moves them to newer versions by rule.</summary>
    public async Task RecheckAsync(IReadOnlySet<string> plugins, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        _older.Clear();
        var concerned = _workflows.All.Where(entry => entry.Code is null || entry.Stored.Pins.Any(pin => plugins.Contains(pin.Plugin.Name)));
        await TakeOnAsync([.. concerned.Select(entry => entry.Stored)], _pinned.Check, cancellationToken);
        _rechecked.Signal();
    }

    /// <summary>
    /// Moves a workflow to the current version of each of its plugins, whatever the major number. Rejected if it does not pass the checks
    /// with them.
    /// </summary>
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

        var passed = PassedText.Of(compiled, isKept: true);
        var stored = entry.Stored with { Pins = passed.Pins, Check = passed.Check };
        var moved = EntryOf(stored, passed);
        if (stored.Enabled && _workflows.ConflictOf(moved) is { } conflict)
        {
            return WorkflowChange.Refused(PublicationPlan.RouteTaken(stored.Text, conflict));
        }

        await store.PinAsync([stored], cancellationToken);
        _workflows.Show(moved);
        _refused.Note(name, stored.Source, name, []);
        _older.Clear();
        _rechecked.Signal();
        logger.LogInformation("Moved {Workflow} to {Plugins}", name, string.Join(", ", stored.Pins.Select(pin => pin.Plugin.Label).Distinct()));
        return WorkflowChange.Done;
    }

    private WorkflowEntry EntryOf(StoredWorkflow stored, PassedText passed) => new(stored, CodeOf(stored, passed.Compiled), passed.Route) { Uses = _pinned.UsesOf(stored.Pins) };

    private WorkflowCode CodeOf(StoredWorkflow stored, CompiledWorkflow? compiled) =>
        compiled is null ? new WorkflowCode(stored, _pinned.CompileAsPinned) : new WorkflowCode(stored, compiled);

    private bool IsCurrent(TextVerdict check) =>
        check.Passed is not { } passed || passed.Pins.All(pin => checker.Catalog.Find(pin.Type)?.Descriptor.Plugin == pin.Plugin);

    // It passed the checks once and does not compile now: its plugin was removed in between, or the record of the check is wrong. Checks it
    // in full.
    private async Task DoubtAsync(WorkflowEntry entry)
    {
        try
        {
            using var turn = await TurnAsync(CancellationToken.None);
            if (_workflows[entry.Name]?.Code == entry.Code)
            {
                logger.LogError("Version {Version} of {Workflow} passed the checks when it was published, but can't be compiled now: {Reason}", entry.Version, entry.Name, WhyNot(entry));
                await TakeOnAsync([entry.Stored], _pinned.Check, CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            logger.LogError(failure, "Could not check {Workflow} again; its next request tries again", entry.Name);
        }
    }

    private async Task TakeOnAsync(IReadOnlyList<StoredWorkflow> all, Func<StoredWorkflow, PinnedWorkflow> check, CancellationToken cancellationToken)
    {
        // If two routes conflict now, the one that was published first keeps its path.
        StoredWorkflow[] inOrder = [.. all.OrderBy(stored => stored.PublishedAt).ThenBy(stored => stored.Name, StringComparer.Ordinal)];
        var checks = await Batch.SelectAsync(inOrder, stored => inOrder.Length <= MostCompiledAhead || IsCompiled(stored) ? check(stored) : check(stored).WithoutCode(), cancellationToken);
        StoredWorkflow[] moved = [.. inOrder.Zip(checks).Where(item => IsNews(item.First, item.Second.Stored)).Select(item => item.Second.Stored)];
        if (moved.Length > 0)
        {
            await store.PinAsync(moved, cancellationToken);
        }

        foreach (var result in checks)
        {
            TakeOn(result);
        }
    }

    private bool IsCompiled(StoredWorkflow stored) => _workflows[stored.Name]?.Code?.IsCompiled == true;

    private static bool IsNews(StoredWorkflow before, StoredWorkflow after) =>
        !before.Pins.SequenceEqual(after.Pins) || (before.Check is null && after.Check is not null);

    private void TakeOn(PinnedWorkflow result)
    {
        var stored = result.Stored;
        var before = _workflows[stored.Name];
        var code = result.IsRunnable ? CodeOf(stored, result.Compiled) : null;
        var entry = new WorkflowEntry(stored, code, result.Route) { Held = result.Held, Uses = result.Uses };
        var problems = result.Problems;
        if (stored.Enabled && _workflows.ConflictOf(entry) is { } conflict)
        {
            problems = [PublicationPlan.RouteTaken(stored.Text, conflict)];
            entry = entry with { Code = null, Route = null, Held = null };
        }

        _workflows.Show(entry);
        _refused.Note(stored.Name, stored.Source, stored.Name, problems);
        if (before?.Held is not null && entry.Code is not null)
        {
            logger.LogInformation("The workflow {Workflow} is no longer held", stored.Name);
        }
    }

    // The latest version was submitted again. If it runs, it stays on the plugins it is pinned to; if it did not, it does now.
    private async Task<StoredWorkflow> SameVersionAsync(PublicationCandidate candidate, CancellationToken cancellationToken)
    {
        var entry = _workflows[candidate.Name]!;
        if (entry.Code is not null)
        {
            return entry.Stored;
        }

        var stored = entry.Stored with { Pins = candidate.Passed.Pins, Check = candidate.Passed.Check };
        await store.PinAsync([stored], cancellationToken);
        return stored;
    }
}
