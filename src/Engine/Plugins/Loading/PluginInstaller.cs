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
    /// <exception cref="PluginRejectedException">Whatever is wrong with it.</exception>
    public Task<PluginVersion> InstallAsync(string path, string hash) => InstallAsync(() =>
    {
        var folder = Checked(PluginFolder.Read(path));
        CheckLock(Path.GetFileName(path), hash);
        return (folder, shadows.Place(folder, hash));
    }, hash);

    /// <summary>A version that was installed before, from the copy that was kept of it; null where none was.</summary>
    /// <param name="plugin">What it was.</param>
    /// <param name="folder">The name of the folder that it came from.</param>
    /// <exception cref="PluginRejectedException">Whatever is wrong with it by now.</exception>
    public async Task<PluginVersion?> RestoreAsync(PluginIdentity plugin, string folder)
    {
        CheckLock(folder, plugin.Hash);
        return shadows.Find(plugin.Hash) is { } shadow
            ? await InstallAsync(() => (Checked(PluginFolder.Read(shadow, plugin.Name)), shadow), plugin.Hash)
            : null;
    }

    private void CheckLock(string folder, string hash)
    {
        if (locked?.Refusal(folder, hash) is { } refusal)
        {
            throw new PluginRejectedException([refusal]);
        }
    }

    private async Task<PluginVersion> InstallAsync(Func<(PluginFolder Folder, string Shadow)> place, string hash)
    {
        PluginVersion version;
        try
        {
            var (folder, shadow) = place();
            version = await LoadAsync(Path.Combine(shadow, folder.EntryName!), new PluginIdentity(folder.Name, folder.Entry!.Version, hash));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PluginRejectedException("unreadable", $"The folder can't be read or copied: {exception.Message} Check its permissions and the free space.");
        }

        // It warms the nodes as well: their code is compiled at its first call, which would else be a request's.
        if (await new SmokeCheck(time).RunAsync(version.Nodes) is { IsEmpty: false } rejections)
        {
            discard(version);
            throw new PluginRejectedException(rejections);
        }

        return version;
    }

    private static PluginFolder Checked(PluginFolder folder) =>
        FolderRules.Check(folder) is { IsEmpty: false } rejections ? throw new PluginRejectedException(rejections) : folder;

    private async Task<PluginVersion> LoadAsync(string entryPath, PluginIdentity identity) =>
        isolation is not null && isolation.Of(identity.Name) == Isolation.Process
            ? await LoadInProcessAsync(entryPath, identity, isolation.Settings)
            : LoadInContext(entryPath, identity);

    private PluginVersion LoadInContext(string entryPath, PluginIdentity identity)
    {
        var context = PluginContext.Load(entryPath);
        try
        {
            var leases = new Leases();
            return new PluginVersion(identity, context, leases, Nodes(identity, NodeFactory.Create(context.Entry), leases));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private async Task<PluginVersion> LoadInProcessAsync(string entryPath, PluginIdentity identity, ProcessSettings settings)
    {
        var keeper = await ProcessKeeper.StartAsync(identity.Label, entryPath, settings, time, logger, CancellationToken.None);
        try
        {
            var leases = new Leases();
            return new PluginVersion(identity, keeper, leases, Nodes(identity, keeper.Specs.Select(spec => new ProcessNode(spec, keeper)), leases));
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    private ImmutableArray<PluginNode> Nodes(PluginIdentity identity, IEnumerable<INode> instances, Leases leases)
    {
        var nodes = instances.Select(node => Describe(node, identity)).ToImmutableArray();
        foreach (var twice in nodes.GroupBy(node => node.Descriptor.Type).Where(group => group.Count() > 1))
        {
            throw new PluginRejectedException(
                "type-twice", $"{twice.Count()} node classes of the plugin have the type '{twice.Key}'. Give each a type identifier of its own.");
        }

        return [.. nodes.Select(node => new PluginNode(node.Descriptor, node.Instance, leases, catalog, logger))];
    }

    private static (INode Instance, NodeDescriptor Descriptor) Describe(INode node, PluginIdentity plugin) =>
        (node, Describe(NodeFactory.SpecOf(node), plugin));

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
            Ports = [.. spec.Ports],
            ConfigSchema = JsonElement.Parse(spec.ConfigSchema),
            OutputSchema = JsonElement.Parse(spec.OutputSchema),
            Examples = [.. spec.Examples],
            Plugin = plugin,
        };
    }
}
