using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Processes;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>Loads the plugins of a directory for one command, without a host.</summary>
internal sealed class LocalCatalog : IAsyncDisposable
{
    private readonly DirectoryInfo _shadows;

    private LocalCatalog(PluginHost plugins, DirectoryInfo shadows)
    {
        Plugins = plugins;
        _shadows = shadows;
        Nodes = plugins.Catalog;
    }

    public PluginHost Plugins { get; }

    public INodeCatalog Nodes { get; private init; }

    /// <summary>Loads every plugin.</summary>
    public static async Task<LocalCatalog> LoadAsync(IEnumerable<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        var options = HostConfiguration.ReadAlone(overrides).Plugins;
        var catalog = Create(options, LockOf(options), IsolationConfiguration.Of(options), CommandCache.FindPlugins());
        return await catalog.LoadedAsync(plugins => plugins.LoadAllAsync(options.Directory!, cancellationToken));
    }

    /// <summary>
    /// Gets every node, but loads only the plugins that have nodes of these types if earlier commands cached everything about the others.
    /// </summary>
    public static async Task<LocalCatalog> LoadAsync(
        IEnumerable<KeyValuePair<string, string?>> overrides, IReadOnlySet<string> types, CancellationToken cancellationToken)
    {
        var options = HostConfiguration.ReadAlone(overrides).Plugins;
        if (CommandCache.FindPlugins() is not { } cache || !IsPlain(options) || KnownNodes.Read(options.Directory!, cache) is not { } known)
        {
            return await LoadAsync(overrides, cancellationToken);
        }

        var isolation = IsolationConfiguration.Of(options);
        var catalog = Create(options, LockOf(options), isolation, cache);
        await catalog.LoadedAsync(plugins => plugins.ApplyAsync(known.FoldersOf(types), [], cancellationToken));
        return new LocalCatalog(catalog.Plugins, catalog._shadows) { Nodes = new PartlyLoaded(catalog.Nodes, known) };
    }

    /// <summary>Loads only one plugin's folder. Makes every check, whatever earlier commands cached.</summary>
    public static async Task<LocalCatalog> LoadOneAsync(DirectoryInfo folder, PluginOptions options, CancellationToken cancellationToken)
    {
        // The loader takes a directory of folders, so give it one that holds only a link to this folder.
        var only = Directory.CreateTempSubdirectory("sluice-verify-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(only.FullName, folder.Name), folder.FullName);
            // Report where the plugin can run, not where an operator's configuration runs it.
            var anywhere = IsolationConfiguration.Of(new PluginOptions { LoadTimeoutSeconds = options.LoadTimeoutSeconds });
            var catalog = Create(options, locked: null, anywhere, cache: null, isUnloadable: true);
            return await catalog.LoadedAsync(plugins => plugins.LoadAllAsync(only.FullName, cancellationToken));
        }
        finally
        {
            only.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Loads one plugin's folder with the plugins of a directory, instead of the one of the same name. Makes every check.
    /// </summary>
    public static async Task<LocalCatalog> LoadBesideAsync(DirectoryInfo folder, PluginOptions options, CancellationToken cancellationToken)
    {
        var catalog = Create(options, locked: null, IsolationConfiguration.Of(options), cache: null, isUnloadable: true);
        return await catalog.LoadedAsync(async plugins =>
        {
            await plugins.LoadAllAsync(options.Directory!, cancellationToken);
            await plugins.ApplyAsync([folder.FullName], [], cancellationToken);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Plugins.DisposeAsync();
        _shadows.Delete(recursive: true);
    }

    private static LocalCatalog Create(PluginOptions options, PluginLock? locked, PluginIsolation isolation, string? cache, bool isUnloadable = false)
    {
        if (cache is not null && !CommandCache.TryRemoveExpired(cache))
        {
            cache = null;
        }

        HostEnvironment.Clear();
        var shadows = Directory.CreateTempSubdirectory("sluice-plugins-");
        var timeout = TimeSpan.FromSeconds(options.LoadTimeoutSeconds);
        return new LocalCatalog(
            new PluginHost(
                shadows.FullName, NullLogger.Instance, locked, isolation: isolation, loadTimeout: timeout, knownDirectory: cache, isUnloadable: isUnloadable),
            shadows);
    }

    private static PluginLock? LockOf(PluginOptions options) => options.RequireLock ? new PluginLock(options.Directory!) : null;

    // With a lock file or process isolation, whether a plugin is accepted must be decided again each time.
    private static bool IsPlain(PluginOptions options) =>
        !options.RequireLock && options.Isolation.Count == 0 && options.DefaultIsolation == new PluginOptions().DefaultIsolation;

    private async Task<LocalCatalog> LoadedAsync(Func<PluginHost, Task> load)
    {
        try
        {
            await load(Plugins);
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Describes all nodes, but can call only those of the loaded plugins.</summary>
    private sealed class PartlyLoaded(INodeCatalog loaded, KnownNodes known) : INodeCatalog
    {
        public IReadOnlyList<NodeDescriptor> Nodes => known.Nodes;

        public NodeHandle? Find(string type) => loaded.Find(type);
    }
}
