using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Processes;
using Sluice.Engine.Plugins.Verification;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>Takes a plugin's folder through every check to a version whose nodes can be called: read, copy, load, make the nodes, check their specs.</summary>
internal sealed class PluginInstaller(
    ShadowStore shadows, NodeCatalog catalog, Action<PluginVersion> discard, PluginLock? locked, PluginIsolation? isolation, TimeProvider time, ILogger logger)
{
    /// <summary>A version from a folder of the plugins directory whose content has this hash.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="hash">The hash of what it holds.</param>
    /// <param name="isTried">Whether the nodes of content that is known are tried all the same: where requests wait for the version, its code is to be compiled.</param>
    /// <exception cref="PluginRejectedException">Whatever is wrong with it.</exception>
    public async Task<PluginVersion> InstallAsync(string path, string hash, bool isTried)
    {
        var (directory, name) = (Path.GetFileName(path), PluginFolder.PluginNameOf(Path.GetFileName(path)));
        if (await LoadKnownAsync(directory, name, hash) is not { } known)
        {
            return await InstallAsync(() =>
            {
                var folder = Checked(PluginFolder.Read(path));
                CheckLock(directory, hash);
                return (folder, shadows.Place(folder, hash));
            }, hash);
        }

        return isTried ? await TriedAsync(known) : known;
    }

    /// <summary>A version that was installed before, from the copy that was kept of it; null where none was.</summary>
    /// <param name="plugin">What it was.</param>
    /// <param name="folder">The name of the folder that it came from.</param>
    /// <exception cref="PluginRejectedException">Whatever is wrong with it by now.</exception>
    public async Task<PluginVersion?> RestoreAsync(PluginIdentity plugin, string folder)
    {
        CheckLock(folder, plugin.Hash);
        return shadows.Find(plugin.Hash) is { } shadow
            ? await LoadKnownAsync(folder, plugin.Name, plugin.Hash)
                ?? await InstallAsync(() => (Checked(PluginFolder.Read(shadow, plugin.Name)), shadow), plugin.Hash)
            : null;
    }

    /// <summary>Calls these nodes of a version that was not tried again, so that their code is compiled ahead of a request. What they say by now changes nothing.</summary>
    public async Task WarmAsync(PluginVersion version, IReadOnlySet<string> types)
    {
        var found = await new SmokeCheck(time).RunAsync([.. version.Nodes.Where(node => types.Contains(node.Descriptor.Type))]);
        foreach (var rejection in found)
        {
            logger.LogWarning("Plugin {Plugin}, which passed every check when it was new, does not any more: {Problem}", version.Identity.Label, rejection.Message);
        }
    }

    // A plugin whose content was taken in before, by this same code. Null where it was not, or its copy is not whole: then it goes through everything.
    private async Task<PluginVersion?> LoadKnownAsync(string directory, string name, string hash)
    {
        // What runs in a process of its own is asked there: whether that starts is part of the question.
        if (IsolationOf(name) == Isolation.Process)
        {
            return null;
        }

        try
        {
            if (shadows.Note(hash) is not { } note || KnownPlugin.Read(note, name, hash) is not { } known || shadows.Find(hash) is not { } shadow)
            {
                return null;
            }

            CheckLock(directory, hash);
            return (await LoadInContextAsync(Path.Combine(shadow, known.EntryName), known.Identity, known))?.Version;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception);
        }
    }

    private void CheckLock(string folder, string hash)
    {
        if (locked?.Refusal(folder, hash) is { } refusal)
        {
            throw new PluginRejectedException([refusal]);
        }
    }

    private static PluginRejectedException Unreadable(Exception exception) =>
        new("unreadable", $"The folder can't be read or copied: {exception.Message} Check its permissions and the free space.");

    private async Task<PluginVersion> InstallAsync(Func<(PluginFolder Folder, string Shadow)> place, string hash)
    {
        PluginFolder folder;
        LoadedPlugin loaded;
        try
        {
            (folder, var shadow) = place();
            loaded = await LoadAsync(Path.Combine(shadow, folder.EntryName!), new PluginIdentity(folder.Name, folder.Entry!.Version, hash), FolderRules.ProcessOnly(folder));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception);
        }

        await TriedAsync(loaded.Version);
        if (loaded.Classes is { } classes)
        {
            Remember(new KnownPlugin(loaded.Version.Identity, folder.EntryName!, classes));
        }

        return loaded.Version;
    }

    // It warms the nodes as well: their code is compiled at its first call, which would else be a request's.
    private async Task<PluginVersion> TriedAsync(PluginVersion version)
    {
        if (await new SmokeCheck(time).RunAsync(version.Nodes) is { IsEmpty: false } rejections)
        {
            discard(version);
            throw new PluginRejectedException(rejections);
        }

        return version;
    }

    private void Remember(KnownPlugin plugin)
    {
        try
        {
            shadows.PutNote(plugin.Identity.Hash, plugin.Write());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start takes a little longer; that is all.
            logger.LogInformation("What was found out about plugin {Plugin} can't be kept: {Reason}", plugin.Identity.Label, exception.Message);
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

    private async Task<LoadedPlugin> LoadAsync(string entryPath, PluginIdentity identity, ImmutableArray<Rejection> processOnly)
    {
        if (IsolationOf(identity.Name, processOnly) == Isolation.Context)
        {
            return (await LoadInContextAsync(entryPath, identity, known: null))!;
        }

        var version = await LoadInProcessAsync(entryPath, identity, isolation!.Settings, processOnly);
        return new LoadedPlugin(version, null);
    }

    // Null where the plugin has other classes than those that are known.
    private async Task<LoadedPlugin?> LoadInContextAsync(string entryPath, PluginIdentity identity, KnownPlugin? known)
    {
        var context = PluginContext.Load(entryPath);
        try
        {
            var instances = await NodeFactory.CreateAsync(context.Entry);
            if ((known is null ? Describe(await NodeFactory.SpecsAsync(instances), identity) : known.Describe(instances)) is not { } descriptors)
            {
                context.Dispose();
                return null;
            }

            var leases = new Leases();
            var classes = instances.Zip(descriptors).ToDictionary(node => KnownPlugin.ClassOf(node.First), node => node.Second, StringComparer.Ordinal);
            return new LoadedPlugin(new PluginVersion(identity, context, leases, Nodes(instances, descriptors, leases)) { IsKnown = known is not null }, classes);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private async Task<PluginVersion> LoadInProcessAsync(string entryPath, PluginIdentity identity, ProcessSettings settings, ImmutableArray<Rejection> processOnly)
    {
        var keeper = await ProcessKeeper.StartAsync(identity.Label, entryPath, settings, time, logger, CancellationToken.None);
        try
        {
            var leases = new Leases();
            ImmutableArray<INode> instances = [.. keeper.Specs.Select(spec => new ProcessNode(spec, keeper))];
            return new PluginVersion(identity, keeper, leases, Nodes(instances, Describe(keeper.Specs, identity), leases)) { ProcessOnly = processOnly };
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    private ImmutableArray<PluginNode> Nodes(ImmutableArray<INode> instances, IReadOnlyList<NodeDescriptor> descriptors, Leases leases) =>
        [.. instances.Zip(descriptors).Select(node => new PluginNode(node.Second, node.First, leases, catalog, logger))];

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

    /// <summary>A version, with what its nodes are by the name of their class; null where they have no classes here.</summary>
    private sealed record LoadedPlugin(PluginVersion Version, IReadOnlyDictionary<string, NodeDescriptor>? Classes);
}
