using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Engine.Metrics;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Storage;
using Sluice.Engine.Storage.Sqlite;

namespace Sluice.Engine.Embedding;

/// <summary>Opens the two parts of an engine that take I/O, at the same time: its database and its plugins. The container disposes them.</summary>
internal sealed class EngineFoundation(IOptions<SluiceEngineOptions> given, EngineMetrics metrics, TimeProvider time, ILoggerFactory loggers)
{
    private Opened? _opened;

    public PluginHost Plugins => Get().Plugins;

    public IStorage Storage => Get().Storage;

    public HostKeys Keys => Get().Keys;

    /// <summary>Opens both. If either fails, nothing stays open.</summary>
    /// <exception cref="DataDirectoryException">The data folder can't be used.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var options = given.Value;
        // Ahead of the plugins: their copies lie in the data folder, and an engine that is refused must leave them alone.
        var directoryLock = DataDirectoryLock.Take(options.DataFolder);
        var plugins = CreatePlugins(options);
        var loading = plugins.LoadAllAsync(options.PluginFolder, cancellationToken);
        // The one place that knows which database the engine uses.
        SqliteDatabase? storage = null;
        try
        {
            storage = SqliteDatabase.Open(
                new SqliteOptions(options.DataFolder) { AcceptLoss = options.AcceptLoss, CommitTime = metrics.CommitTime }, directoryLock, time, loggers.CreateLogger<SqliteDatabase>());
            var keys = new HostKeys(await storage.HostKeyAsync("status", cancellationToken), await storage.HostKeyAsync("uuid", cancellationToken));
            await loading;
            _opened = new Opened(plugins, storage, keys);
        }
        catch
        {
            // Loading must have ended before its host is disposed.
            plugins.StopWaiting();
            await loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await plugins.DisposeAsync();
            if (storage is not null)
            {
                await storage.DisposeAsync();
            }

            throw;
        }
    }

    private PluginHost CreatePlugins(SluiceEngineOptions options) => new(
        Path.Combine(options.DataFolder, "plugin-shadows"),
        loggers.CreateLogger<PluginHost>(),
        options.RequiresLock ? new PluginLock(options.PluginFolder) : null,
        time,
        options.Isolation,
        options.PluginLoadTimeout,
        options.KnownPluginsFolder,
        options.IsUnloadable);

    /// <summary>The exception for a use of the engine before it has started.</summary>
    public static InvalidOperationException NotStarted() => new("The engine has not started. Start the host before you use IWorkflowEngine.");

    private Opened Get() => _opened ?? throw NotStarted();

    private sealed record Opened(PluginHost Plugins, IStorage Storage, HostKeys Keys);
}

/// <summary>The keys that a database keeps for its hosts.</summary>
/// <param name="Status">Signs the addresses of status resources.</param>
/// <param name="Uuid">Makes the UUIDs of expressions unguessable.</param>
internal sealed record HostKeys(byte[] Status, byte[] Uuid);
