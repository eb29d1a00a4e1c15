using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Processes;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>The plugins of a directory, loaded for one command without a host.</summary>
internal sealed class LocalCatalog : IAsyncDisposable
{
    private readonly DirectoryInfo _shadows;

    private LocalCatalog(PluginHost plugins, DirectoryInfo shadows)
    {
        Plugins = plugins;
        _shadows = shadows;
    }

    public PluginHost Plugins { get; }

    public INodeCatalog Nodes => Plugins.Catalog;

    public static async Task<LocalCatalog> LoadAsync(IEnumerable<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        var options = HostConfiguration.ReadAlone(overrides).Plugins;
        return await LoadAsync(options.Directory!, options.RequireLock ? new PluginLock(options.Directory!) : null, options, IsolationConfiguration.Of(options), cancellationToken);
    }

    private static async Task<LocalCatalog> LoadAsync(
        string directory, PluginLock? locked, PluginOptions options, PluginIsolation isolation, CancellationToken cancellationToken)
    {
        HostEnvironment.Clear();
        var shadows = Directory.CreateTempSubdirectory("sluice-plugins-");
        var plugins = new PluginHost(shadows.FullName, NullLogger.Instance, locked, isolation: isolation, loadTimeout: TimeSpan.FromSeconds(options.LoadTimeoutSeconds));
        var catalog = new LocalCatalog(plugins, shadows);
        try
        {
            await catalog.Plugins.LoadAllAsync(directory, cancellationToken);
            return catalog;
        }
        catch
        {
            await catalog.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads one plugin's folder and no other.</summary>
    public static async Task<LocalCatalog> LoadOneAsync(DirectoryInfo folder, PluginOptions options, CancellationToken cancellationToken)
    {
        // The loader takes a directory of folders: give it one that holds a link to this folder alone.
        var only = Directory.CreateTempSubdirectory("sluice-verify-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(only.FullName, folder.Name), folder.FullName);
            // Where it can run is asked, not where an operator has it run.
            var anywhere = IsolationConfiguration.Of(new PluginOptions { LoadTimeoutSeconds = options.LoadTimeoutSeconds });
            return await LoadAsync(only.FullName, locked: null, options, anywhere, cancellationToken);
        }
        finally
        {
            only.Delete(recursive: true);
        }
    }

    /// <summary>Loads one plugin's folder beside the plugins of a directory, or in the place of the one of the same name.</summary>
    public static async Task<LocalCatalog> LoadBesideAsync(DirectoryInfo folder, PluginOptions options, CancellationToken cancellationToken)
    {
        var catalog = await LoadAsync(options.Directory!, locked: null, options, IsolationConfiguration.Of(options), cancellationToken);
        try
        {
            await catalog.Plugins.ApplyAsync([folder.FullName], [], cancellationToken);
            return catalog;
        }
        catch
        {
            await catalog.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Plugins.DisposeAsync();
        _shadows.Delete(recursive: true);
    }
}
