using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Locking;

namespace Sluice.Engine.Plugins;

/// <summary>The plugins of this host: loads them from their folders, offers their nodes, unloads them. One plugin's fault never touches another.</summary>
internal sealed class PluginHost : IAsyncDisposable
{
    // Unloading takes a few collections: one finds the context dead, its finalizer lets the loader's memory go, the next one takes that.
    private const int CollectionRounds = 10;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly NodeCatalog _catalog = new();
    private readonly ShadowStore _shadows;
    private readonly PluginInstaller _installer;
    private readonly ILogger _logger;

    /// <param name="shadowDirectory">Where the copies that plugins run from are kept; this host's alone.</param>
    /// <param name="logger">Hears of every plugin that comes, goes or misbehaves.</param>
    /// <param name="locked">Where only locked plugins are let in, what decides; else null.</param>
    public PluginHost(string shadowDirectory, ILogger logger, PluginLock? locked = null)
    {
        _logger = logger;
        _shadows = new ShadowStore(shadowDirectory, logger);
        _installer = new PluginInstaller(_shadows, _catalog, locked, logger);
    }

    /// <summary>The nodes of all active plugins.</summary>
    public INodeCatalog Catalog => _catalog;

    /// <summary>Every plugin folder that was seen, by name.</summary>
    public IReadOnlyList<PluginStatus> Plugins
    {
        get
        {
            lock (_gate)
            {
                return [.. _slots.Values.Select(slot => slot.Status with { RunningCalls = slot.Version?.Leases.Count ?? 0 })];
            }
        }
    }

    /// <summary>
    /// Loads each folder of a directory that is not loaded already, as a plugin named like the folder. A bad one is rejected, and that is all. Of
    /// two plugins with a node of the same type, the one that comes first by name has it. Folders whose name starts with a dot are left alone.
    /// </summary>
    public async Task LoadAllAsync(string pluginsDirectory, CancellationToken cancellationToken)
    {
        var folders = FoldersToLoad(pluginsDirectory);
        var installed = new Installed[folders.Length];
        await Parallel.ForAsync(0, folders.Length, cancellationToken, (index, _) =>
        {
            installed[index] = Install(folders[index]);
            return ValueTask.CompletedTask;
        });

        foreach (var plugin in installed)
        {
            await AdmitAsync(plugin);
        }

        _shadows.RemoveUnused(Plugins.Select(plugin => plugin.Hash).OfType<string>().ToHashSet());
    }

    /// <summary>
    /// Takes a plugin's nodes out of the catalogue, waits for the calls that still run, disposes the nodes, unloads, and looks whether the plugin is
    /// really gone from memory. Cancelling ends the wait, not the unloading. Does nothing for a plugin that is not loaded.
    /// </summary>
    public Task UnloadAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_slots.TryGetValue(name, out var slot) || slot.Version is not { } version)
            {
                return Task.CompletedTask;
            }

            if (slot.Unloading is null)
            {
                slot.Status = slot.Status with { State = PluginState.Draining };
                PublishNodes();
                version.Leases.Drain();
                slot.Unloading = Task.Run(() => UnloadAsync(slot, version), CancellationToken.None);
            }

            return slot.Unloading.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Disposes and unloads what no call uses. What is still in use stays as it is: the process is about to end.</summary>
    public async ValueTask DisposeAsync()
    {
        Slot[] slots;
        lock (_gate)
        {
            slots = [.. _slots.Values];
            _slots.Clear();
            _catalog.Publish([]);
        }

        foreach (var slot in slots)
        {
            slot.Version?.Leases.Drain();
            if (slot is { Unloading: null, Version: { Leases.Drained.IsCompleted: true } version })
            {
                await version.CloseAsync();
            }
        }
    }

    private string[] FoldersToLoad(string pluginsDirectory)
    {
        if (!Directory.Exists(pluginsDirectory))
        {
            _logger.LogWarning("There is no plugins directory {Directory}, so there are no nodes. Create it, or name another one", pluginsDirectory);
            return [];
        }

        lock (_gate)
        {
            return [.. Directory.GetDirectories(pluginsDirectory).Where(path => IsToLoad(Path.GetFileName(path))).Order(StringComparer.Ordinal)];
        }
    }

    private bool IsToLoad(string name) => !name.StartsWith('.') && _slots.GetValueOrDefault(name)?.Version is null;

    private Installed Install(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            return new Installed(name, _installer.Install(path), []);
        }
        catch (PluginRejectedException rejected)
        {
            return new Installed(name, null, rejected.Rejections);
        }
        catch (Exception exception)
        {
            var fault = PluginFault.Of(exception);
            _logger.LogError("Loading the plugin {Plugin} failed: {Details}", name, fault.Details);
            return new Installed(name, null, [new Rejection("unexpected", $"Loading it failed: {fault.Text}. The log has the details.")]);
        }
    }

    private async Task AdmitAsync(Installed plugin)
    {
        var rejections = plugin.Version is null ? plugin.Rejections : TakenTypes(plugin.Version);
        if (!rejections.IsEmpty)
        {
            Reject(plugin, rejections);
            await (plugin.Version?.CloseAsync() ?? Task.CompletedTask);
            return;
        }

        var version = plugin.Version!;
        lock (_gate)
        {
            _slots[plugin.Name] = new Slot(StatusOf(plugin, PluginState.Active)) { Version = version };
            PublishNodes();
        }

        _logger.LogInformation("Plugin {Plugin} {Version} is active, with {Count} nodes", plugin.Name, version.Identity.Version, version.Nodes.Length);
    }

    private ImmutableArray<Rejection> TakenTypes(PluginVersion version) =>
    [
        .. from node in version.Nodes
           let owner = _catalog.Find(node.Descriptor.Type)?.Descriptor.Plugin.Name
           where owner is not null
           select new Rejection(
               "type-taken",
               $"The node type '{node.Descriptor.Type}' already belongs to the plugin {owner}. "
                   + "Give the node another type identifier, or remove one of the two plugins."),
    ];

    private void Reject(Installed plugin, ImmutableArray<Rejection> rejections)
    {
        var status = StatusOf(plugin, PluginState.Rejected) with { Rejections = rejections };
        lock (_gate)
        {
            _slots[plugin.Name] = new Slot(status);
        }

        _logger.LogError("Plugin {Plugin} is rejected: {Reason}", plugin.Name, status.Reason);
    }

    private static PluginStatus StatusOf(Installed plugin, PluginState state) => new()
    {
        Name = plugin.Name,
        Version = plugin.Version?.Identity.Version,
        Hash = plugin.Version?.Identity.Hash,
        State = state,
        NodeTypes = plugin.Version is null ? [] : [.. plugin.Version.Nodes.Select(node => node.Descriptor.Type)],
    };

    private void PublishNodes() =>
        _catalog.Publish(_slots.Values.Where(slot => slot.Status.State == PluginState.Active).SelectMany(slot => slot.Version!.Nodes));

    private async Task UnloadAsync(Slot slot, PluginVersion version)
    {
        var trace = await version.CloseAsync();
        var state = IsCollected(trace) ? PluginState.Unloaded : PluginState.Leaking;
        lock (_gate)
        {
            slot.Status = slot.Status with { State = state };
            slot.Version = null;
        }

        _logger.LogInformation("Plugin {Plugin} {Version} is {State}", version.Identity.Name, version.Identity.Version, state);
    }

    private static bool IsCollected(WeakReference trace)
    {
        for (var round = 0; trace.IsAlive && round < CollectionRounds; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !trace.IsAlive;
    }

    /// <summary>A folder that went through the installer: a version, or what is wrong.</summary>
    private sealed record Installed(string Name, PluginVersion? Version, ImmutableArray<Rejection> Rejections);

    /// <summary>What is kept of a plugin folder; changed under the gate only.</summary>
    private sealed class Slot(PluginStatus status)
    {
        public PluginStatus Status { get; set; } = status;

        /// <summary>Null where it was rejected or has been unloaded.</summary>
        public PluginVersion? Version { get; set; }

        public Task? Unloading { get; set; }
    }
}
