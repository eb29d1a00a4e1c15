using System.Collections.Immutable;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Plugins;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>
/// Checks a stored version against the plugins it is pinned to, and decides which newer ones it moves to: the best version with the same
/// major number if it passes the checks with that, otherwise none.
/// </summary>
internal sealed class PinnedChecker(WorkflowChecker checker)
{
    private INodeCatalog Nodes => checker.Catalog;

    /// <summary>
    /// Loads a version at startup. If its record shows that this code accepted it with exactly the plugins it would be checked against now,
    /// it is not even parsed; otherwise it is checked.
    /// </summary>
    public PinnedWorkflow TakeOn(StoredWorkflow stored) => stored.Check is { } record && WouldPass(stored.Pins, record)
        ? new PinnedWorkflow(stored, null, UsesOf(stored.Pins)) { IsRunnable = true, Route = record.Route }
        : Check(stored);

    /// <summary>Compiles a version against exactly the plugins that it is pinned to.</summary>
    public CheckedWorkflow CompileAsPinned(StoredWorkflow stored)
    {
        var plugins = stored.Pins.Select(pin => pin.Plugin).DistinctBy(plugin => plugin.Name).ToDictionary(plugin => plugin.Name, StringComparer.Ordinal);
        return checker.CheckText(stored.Text, new PinnedNodes(Nodes, stored.Pins, plugins));
    }

    /// <summary>Checks a version, whatever its record says.</summary>
    public PinnedWorkflow Check(StoredWorkflow stored) => CheckNow(stored).Pinned;

    /// <summary>Checks a version, and also returns the result of the checks.</summary>
    public (PinnedWorkflow Pinned, CheckedWorkflow Check) CheckNow(StoredWorkflow stored)
    {
        if (stored.Pins.IsEmpty)
        {
            return Of(stored, checker.CheckText(stored.Text), whyNot: null);
        }

        var best = new Dictionary<string, PluginIdentity>(StringComparer.Ordinal);
        var before = new Dictionary<string, PluginIdentity>(StringComparer.Ordinal);
        foreach (var pins in stored.Pins.GroupBy(pin => pin.Plugin.Name, StringComparer.Ordinal))
        {
            var pinned = pins.First().Plugin;
            var here = pins.SelectMany(pin => Nodes.Versions(pin.Type)).Select(node => node.Descriptor.Plugin).Distinct().ToList();
            if (here.Find(plugin => plugin.IsCompatibleWith(pinned)) is not { } chosen)
            {
                return Hold(stored, Missing(pinned, here.Find(plugin => plugin.Name == pinned.Name)));
            }

            best[pinned.Name] = chosen;
            before[pinned.Name] = here.Contains(pinned) ? pinned : chosen;
        }

        var moved = checker.CheckText(stored.Text, new PinnedNodes(Nodes, stored.Pins, best));
        if (moved.Compiled is not null || best.All(choice => before[choice.Key] == choice.Value))
        {
            return Of(stored, moved, whyNot: null);
        }

        var stays = checker.CheckText(stored.Text, new PinnedNodes(Nodes, stored.Pins, before));
        return stays.Compiled is null ? Of(stored, moved, whyNot: null) : Of(stored, stays, moved.Problems[0].Message);
    }

    /// <summary>Returns the plugins that a workflow was compiled against, with the newer versions of each.</summary>
    public ImmutableArray<PluginUse> UsesOf(ImmutableArray<PluginPin> pins, string? whyNot = null) => [.. pins.Select(pin => new PluginUse(pin, NewerOf(pin.Plugin, pin.Type, whyNot)))];

    private bool WouldPass(ImmutableArray<PluginPin> pins, CheckRecord record) =>
        !pins.IsEmpty
        && pins.All(pin => BestFor(pin)?.Descriptor.Plugin == pin.Plugin)
        && (checker.SecretNames is not { } secrets || record.Secrets.All(secrets.Contains));

    private NodeHandle? BestFor(PluginPin pin) => Nodes.Versions(pin.Type).FirstOrDefault(node => node.Descriptor.Plugin.IsCompatibleWith(pin.Plugin));

    private NewerPlugin? NewerOf(PluginIdentity plugin, string type, string? whyNot) =>
        Nodes.Find(type)?.Descriptor.Plugin is not { } current || current.Name != plugin.Name || current == plugin
            ? null
            : current.IsCompatibleWith(plugin)
                ? new NewerPlugin(current.Version, whyNot ?? "The workflow moves to it at the next check.")
                : new NewerPlugin(current.Version, $"It has another major number than {plugin.Version}: move the workflow with POST /api/workflows/NAME/move-plugins, which checks it first.");

    private (PinnedWorkflow Pinned, CheckedWorkflow Check) Of(StoredWorkflow stored, CheckedWorkflow check, string? whyNot)
    {
        if (check.Compiled is not { } compiled)
        {
            // A published version whose plugin is missing is not invalid: it waits.
            return check.Problems.FirstOrDefault(problem => problem.Rule == "unknown-node") is { } missing
                ? Hold(stored, missing.Message)
                : (new PinnedWorkflow(stored, null, []) { Problems = check.Problems }, check);
        }

        var passed = PassedText.Of(compiled, isKept: true);
        var pinned = stored with { Pins = passed.Pins, Check = passed.Check };
        return (new PinnedWorkflow(pinned, compiled, UsesOf(passed.Pins, whyNot)) { IsRunnable = true, Route = passed.Route }, check);
    }

    private (PinnedWorkflow Pinned, CheckedWorkflow Check) Hold(StoredWorkflow stored, string reason)
    {
        var problem = new Problem("held", reason);
        var definition = WorkflowReader.Read(stored.Text).Definition;
        var route = definition is null ? null : TriggerReader.Read(definition.Trigger, checker.Schemes, [])?.Route;
        var pinned = new PinnedWorkflow(stored, null, UsesOf(stored.Pins)) { Route = route, Problems = [problem], Held = new HeldWorkflow(problem) };
        return (pinned, new CheckedWorkflow(definition, null, [problem]));
    }

    private static string Missing(PluginIdentity plugin, PluginIdentity? other) => other is null
        ? $"The workflow waits for the plugin {plugin.Name} {plugin.Version}, which is not here. Add it again; the workflow then continues by itself."
        : $"The workflow waits for the plugin {plugin.Name} {plugin.Release.Major}.x, of which only {other.Version} is here. Add a version {plugin.Release.Major}.x "
            + $"beside it (the folder may be named {plugin.Name}@{plugin.Release.Major}), or move the workflow with POST /api/workflows/NAME/move-plugins.";
}

/// <summary>The result of checking a stored version.</summary>
/// <param name="Stored">The version with its current pins.</param>
/// <param name="Compiled">The compiled version; null if it can't run, or is compiled at its first use.</param>
/// <param name="Uses">The plugins it uses, with the newer versions of each.</param>
internal sealed record PinnedWorkflow(StoredWorkflow Stored, CompiledWorkflow? Compiled, ImmutableArray<PluginUse> Uses)
{
    /// <summary>Whether it passed the checks.</summary>
    public bool IsRunnable { get; init; }

    /// <summary>The webhook it listens to; null if there is none, or it is invalid.</summary>
    public WebhookRoute? Route { get; init; }

    /// <summary>All problems.</summary>
    public ImmutableArray<Problem> Problems { get; init; } = [];

    /// <summary>The hold, if it waits for a plugin; otherwise null.</summary>
    public HeldWorkflow? Held { get; init; }

    /// <summary>Returns the same without code, to be compiled at its first use.</summary>
    public PinnedWorkflow WithoutCode() => this with { Compiled = null };
}

/// <summary>Holds a published version until a missing plugin is back.</summary>
/// <param name="Problem">The problem that names the missing plugin.</param>
internal sealed record HeldWorkflow(Problem Problem)
{
    public string Reason => Problem.Message;
}

/// <summary>A plugin that a workflow uses for one of its node types.</summary>
/// <param name="Pin">The node type, and the plugin version it runs on.</param>
/// <param name="Newer">The current version, if it differs.</param>
internal sealed record PluginUse(PluginPin Pin, NewerPlugin? Newer);

/// <summary>A newer version that a workflow has not moved to, and why.</summary>
internal sealed record NewerPlugin(string Version, string WhyNot);
