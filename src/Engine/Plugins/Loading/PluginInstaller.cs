using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Processes;
using Sluice.Engine.Plugins.Verification;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// Turns a plugin's folder into a callable version: reads, copies and loads it, creates the nodes, and checks their specs.
/// </summary>
internal sealed class PluginInstaller(
    ShadowStore shadows,
    KnownPluginStore knownPlugins,
    NodeCatalog catalog,
    Action<PluginVersion> discard,
    LoadDeadlines deadlines,
    PluginLock? locked,
    PluginIsolation? isolation,
    bool isUnloadable,
    TimeProvider time,
    ILogger logger)
{
    private const string FileCure = "Check its file system.";
    private const string LoadCure = "Loading an assembly must not block. Check the module initializers.";

    /// <summary>Installs a version from a folder of the plugins directory whose content has this hash.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="hash">The hash of its content.</param>
    /// <param name="deadline">The deadline.</param>
    /// <param name="isTried">Whether to try the nodes even if the content is known, so that their code is compiled before requests wait for
    /// it.</param>
    /// <exception cref="PluginRejectedException">It can't be installed.</exception>
    public async Task<PluginVersion> InstallAsync(string path, string hash, LoadDeadline deadline, bool isTried)
    {
        var (directory, name) = (Path.GetFileName(path), PluginFolder.PluginNameOf(Path.GetFileName(path)));
        if (await LoadKnownAsync(directory, name, hash, deadline, path) is not { } known)
        {
            return await InstallAsync(() =>
            {
                var folder = Checked(PluginFolder.Read(path));
                CheckLock(directory, hash);
                return (folder, shadows.Place(folder.Path, folder.Files, hash));
            }, hash, deadline);
        }

        return isTried ? await TriedAsync(known, deadline) : known;
    }

    /// <summary>Restores a version that was installed before from its copy; null if there is no copy.</summary>
    /// <param name="plugin">The version.</param>
    /// <param name="folder">The name of the folder that it came from.</param>
    /// <exception cref="PluginRejectedException">It can't be installed anymore.</exception>
    public async Task<PluginVersion?> RestoreAsync(PluginIdentity plugin, string folder, LoadDeadline deadline)
    {
        CheckLock(folder, plugin.Hash);
        return shadows.Find(plugin.Hash) is { } shadow
            ? await LoadKnownAsync(folder, plugin.Name, plugin.Hash, deadline, path: null)
                ?? await InstallAsync(() => (Checked(PluginFolder.Read(shadow, plugin.Name)), shadow), plugin.Hash, deadline)
            : null;
    }

    /// <summary>
    /// Calls nodes of a version that was loaded without a trial, so that their code is compiled before a request. Ignores the results.
    /// </summary>
    public async Task WarmAsync(PluginVersion version, IReadOnlySet<string> types)
    {
        foreach (var rejection in await WarmAsync([.. version.Nodes.Where(node => types.Contains(node.Descriptor.Type))]))
        {
            logger.LogWarning("Plugin {Plugin} passed every check when it was installed, but no longer does: {Problem}", version.Identity.Label, rejection.Message);
        }
    }

    private async Task<ImmutableArray<Rejection>> WarmAsync(ImmutableArray<PluginNode> nodes)
    {
        using var deadline = deadlines.Begin(CancellationToken.None);
        try
        {
            return await new SmokeCheck(deadline, time).RunAsync(nodes);
        }
        catch (PluginRejectedException rejected)
        {
            return rejected.Rejections;
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
            return [];
        }
    }

    // Loads a plugin whose content this same code accepted before. Null if it did not, or if there is neither a whole copy nor a folder to
    // copy.
    private async Task<PluginVersion?> LoadKnownAsync(string directory, string name, string hash, LoadDeadline deadline, string? path)
    {
        // A plugin that runs in a separate process is always asked there, because starting that process is part of the check.
        if (IsolationOf(name) == Isolation.Process)
        {
            return null;
        }

        try
        {
            if (knownPlugins.Find(name, hash) is not { } known || await PlaceKnownAsync(path, hash, deadline) is not { } shadow)
            {
                return null;
            }

            CheckLock(directory, hash);
            return (await LoadInContextAsync(Path.Combine(shadow, known.EntryName), known.Identity, deadline, known))?.Version;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception);
        }
    }

    private async Task<string?> PlaceKnownAsync(string? path, string hash, LoadDeadline deadline) => path is null
        ? shadows.Find(hash)
        : await deadline.RunAsync("Reading and copying the folder", FileCure, () => shadows.Place(path, FolderContent.List(path), hash));

    private void CheckLock(string folder, string hash)
    {
        if (locked?.RejectedRequest(folder, hash) is { } refusal)
        {
            throw new PluginRejectedException([refusal]);
        }
    }

    private static PluginRejectedException Unreadable(Exception exception) =>
        new("unreadable", $"The folder can't be read or copied: {exception.Message} Check its permissions and the free space.");

    private async Task<PluginVersion> InstallAsync(Func<(PluginFolder Folder, string Shadow)> place, string hash, LoadDeadline deadline)
    {
        PluginFolder folder;
        LoadedPlugin loaded;
        try
        {
            (folder, var shadow) = await deadline.RunAsync("Reading and copying the folder", FileCure, place);
            var identity = new PluginIdentity(folder.Name, folder.Entry!.Version, hash);
            loaded = await LoadAsync(Path.Combine(shadow, folder.EntryName!), identity, FolderRules.ProcessOnly(folder), deadline);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception);
        }

        await TriedAsync(loaded.Version, deadline);
        if (loaded.Classes is { } classes)
        {
            Remember(new KnownPlugin(loaded.Version.Identity, folder.EntryName!, classes));
        }

        return loaded.Version;
    }

    // The trial also warms the nodes: their code is compiled at the first call, which would otherwise be that of a request.
    private async Task<PluginVersion> TriedAsync(PluginVersion version, LoadDeadline deadline)
    {
        try
        {
            return await new SmokeCheck(deadline, time).RunAsync(version.Nodes) is { IsEmpty: false } rejections
                ? throw new PluginRejectedException(rejections)
                : version;
        }
        catch
        {
            discard(version);
            throw;
        }
    }

    private void Remember(KnownPlugin plugin)
    {
        try
        {
            knownPlugins.Keep(plugin);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start only takes a little longer.
            logger.LogInformation("The record of plugin {Plugin} can't be stored: {Reason}", plugin.Identity.Label, exception.Message);
        }
    }

    private PluginFolder Checked(PluginFolder folder)
    {
        var processOnly = FolderRules.ProcessOnly(folder);
        var broken = IsolationOf(folder.Name, processOnly) == Isolation.Process ? FolderRules.CheckForProcess(folder) : FolderRules.Check(folder);
        if (!processOnly.IsEmpty && !broken.IsEmpty)
        {
            var last = broken[^1];
            broken = broken.SetItem(broken.Length - 1, last with { Message = $"{last.Message} Or let it run in a process of its own: Plugins:Isolation:{folder.Name}=process." });
        }

        return broken.IsEmpty ? folder : throw new PluginRejectedException(broken);
    }

    private Isolation IsolationOf(string plugin) => isolation?.Of(plugin) ?? Isolation.Context;

    private Isolation IsolationOf(string plugin, ImmutableArray<Rejection> processOnly) => processOnly.IsEmpty ? IsolationOf(plugin) : isolation?.OfProcessOnly(plugin) ?? Isolation.Context;

    private async Task<LoadedPlugin> LoadAsync(string entryPath, PluginIdentity identity, ImmutableArray<Rejection> processOnly, LoadDeadline deadline)
    {
        if (IsolationOf(identity.Name, processOnly) == Isolation.Context)
        {
            return (await LoadInContextAsync(entryPath, identity, deadline, known: null))!;
        }

        var version = await LoadInProcessAsync(entryPath, identity, isolation!.Settings, processOnly, deadline);
        return new LoadedPlugin(version, null);
    }

    // Null if the plugin has other classes than those recorded.
    private async Task<LoadedPlugin?> LoadInContextAsync(string entryPath, PluginIdentity identity, LoadDeadline deadline, KnownPlugin? known)
    {
        deadline.Plugin = identity;
        var context = await deadline.RunAsync($"Loading {Path.GetFileName(entryPath)}", LoadCure, () => PluginContext.Load(entryPath, isUnloadable), late: static late => late.Dispose());
        deadline.Trace = context.Trace;
        try
        {
            var instances = await NodeFactory.CreateAsync(context.Entry, deadline);
            if ((known is null ? Describe(await NodeFactory.SpecsAsync(instances, deadline), identity) : known.Describe(instances)) is not { } descriptors)
            {
                context.Dispose();
                return null;
            }

            var leases = new Leases();
            var classes = instances.Zip(descriptors).ToDictionary(node => KnownPlugin.ClassOf(node.First), node => node.Second, StringComparer.Ordinal);
            var nodes = Nodes(instances, descriptors, leases, deadline.WrittenOff);
            return new LoadedPlugin(new PluginVersion(identity, context, leases, nodes, deadline.WrittenOff) { IsKnown = known is not null }, classes);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private async Task<PluginVersion> LoadInProcessAsync(
        string entryPath, PluginIdentity identity, ProcessSettings settings, ImmutableArray<Rejection> processOnly, LoadDeadline deadline)
    {
        deadline.Plugin = identity;
        var keeper = await StartProcessAsync(entryPath, identity, settings, deadline);
        try
        {
            var leases = new Leases();
            ImmutableArray<INode> instances = [.. keeper.Specs.Select(spec => new ProcessNode(spec, keeper))];
            var nodes = Nodes(instances, Describe(keeper.Specs, identity), leases, deadline.WrittenOff);
            return new PluginVersion(identity, keeper, leases, nodes, deadline.WrittenOff) { ProcessOnly = processOnly };
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    private async Task<ProcessKeeper> StartProcessAsync(string entryPath, PluginIdentity identity, ProcessSettings settings, LoadDeadline deadline)
    {
        try
        {
            return await ProcessKeeper.StartAsync(identity.Label, entryPath, settings, time, logger, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.Token.IsCancellationRequested)
        {
            throw deadline.Missed("Loading the plugin in a process of its own", "Its process was ended. Constructors and specs must not block.");
        }
    }

    private ImmutableArray<PluginNode> Nodes(ImmutableArray<INode> instances, IReadOnlyList<NodeDescriptor> descriptors, Leases leases, WrittenOff writtenOff)
    {
        var code = deadlines.Bound(writtenOff);
        return [.. instances.Zip(descriptors).Select(node => new PluginNode(node.Second, node.First, leases, code, catalog, logger))];
    }

    private static NodeDescriptor[] Describe(IEnumerable<NodeSpec> specs, PluginIdentity plugin)
    {
        NodeDescriptor[] descriptors = [.. specs.Select(spec => Describe(spec, plugin))];
        foreach (var twice in descriptors.GroupBy(node => node.Type).Where(group => group.Count() > 1))
        {
            throw new PluginRejectedException(
                "type-twice", $"{twice.Count()} node classes of the plugin have the type '{twice.Key}'. Give each a type identifier of its own.");
        }

        return descriptors;
    }

    private static NodeDescriptor Describe(NodeSpec spec, PluginIdentity plugin)
    {
        if (SpecRules.Check(spec) is { IsEmpty: false } rejections)
        {
            throw new PluginRejectedException(rejections);
        }

        return new NodeDescriptor
        {
            Type = spec.Type,
            Name = spec.Name,
            Category = spec.Category,
            Summary = spec.Summary,
            Effect = spec.Effect,
            OnRepeat = spec.OnRepeat,
            Ports = [.. spec.Ports],
            ConfigSchema = JsonElement.Parse(spec.ConfigSchema),
            OutputSchema = JsonElement.Parse(spec.OutputSchema),
            Examples = [.. spec.Examples],
            Plugin = plugin,
        };
    }

    /// <summary>A version with the descriptors of its nodes by class name; null if they have no classes in this process.</summary>
    private sealed record LoadedPlugin(PluginVersion Version, IReadOnlyDictionary<string, NodeDescriptor>? Classes);
}
