using Sluice.Engine.Definitions;
using Sluice.Engine.Execution;
using Sluice.Engine.Expressions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Host.Configuration;
using Sluice.Host.Listening;
using Sluice.Host.Logging;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Composition;

/// <summary>The running host: the engine behind its two listeners, started and stopped in an order that loses nothing.</summary>
internal sealed class HostServer : IAsyncDisposable
{
    // Longer than a call of plugin code that is given up when the host stops.
    private static readonly TimeSpan WatchPatience = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly HostLog _log;
    private readonly SluiceOptions _options;
    private readonly WorkflowFolder _folder;
    private readonly PluginFolderWatcher _plugins;
    private readonly ListenerConnections _connections;
    private readonly Lazy<Task> _stopRoom;
    private readonly PoolRelief _relief;
    private AdminServer? _admin;
    private Task _watching = Task.CompletedTask;
    private Task _warming = Task.CompletedTask;

    private HostServer(WebApplication app, EngineRoom room, SluiceOptions options, ListenerConnections connections, HostLog log)
    {
        _app = app;
        _log = log;
        Room = room;
        _options = options;
        _connections = connections;
        _stopRoom = new Lazy<Task>(() => Room.StopAsync(TimeSpan.FromSeconds(_options.ShutdownGraceSeconds)));
        _relief = PoolRelief.Start(Math.Min(options.Runs.Max, 1000), () => room.Runner.ActiveCount > 0, () => room.Plugins.WrittenOff);
        _folder = new WorkflowFolder(options.Workflows.Directory!, room.Workflows, TimeProvider.System, log.Factory.CreateLogger<WorkflowFolder>());
        _plugins = new PluginFolderWatcher(
            options.Plugins.Directory!, room.Plugins, TimeProvider.System, log.Factory.CreateLogger<PluginFolderWatcher>(), TimeSpan.FromSeconds(options.Plugins.RemovalGraceSeconds));
    }

    public EngineRoom Room { get; }

    /// <summary>The first address of the public listener.</summary>
    public string Address => Listener.AddressOf(_app);

    /// <summary>The first address of the admin listener.</summary>
    public string AdminAddress => Admin.Address;

    /// <summary>The routes of the admin listener.</summary>
    public IReadOnlyList<Endpoint> Endpoints => Admin.Endpoints;

    private AdminServer Admin => _admin ?? throw new InvalidOperationException("The host has not started.");

    /// <param name="overrides">What the command line gave, by configuration key.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="consoles">The console's writers, where the process is this host's alone: what plugins write there goes to the log.</param>
    /// <exception cref="ConfigurationException">The configuration is wrong.</exception>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    /// <exception cref="StartException">Anything else that keeps the host from starting.</exception>
    public static async Task<HostServer> StartAsync(
        IEnumerable<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken, IReadOnlyList<PluginConsole>? consoles = null)
    {
        SluiceOptions? options = null;
        try
        {
            var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            HostConfiguration.AddSources(builder.Configuration, overrides);
            options = HostConfiguration.Read(builder.Configuration);
            return await StartAsync(builder, options, consoles ?? [], cancellationToken);
        }
        catch (Exception failure) when (StartFailure.Explain(failure, options) is var told && told != failure)
        {
            throw told;
        }
    }

    private static async Task<HostServer> StartAsync(
        WebApplicationBuilder builder, SluiceOptions options, IReadOnlyList<PluginConsole> consoles, CancellationToken cancellationToken)
    {
        var connections = ListenerConnections.Of(FileLimit.Of(options.Webhooks.MaxConnections, FileLimit.OfThisProcess()), TimeProvider.System);
        var secrets = HostSecrets.Read(Environment.GetEnvironmentVariables(), options.Secrets.Directory);
        var log = HostLog.Open(builder.Configuration, secrets);
        WarnOfShortSecrets(secrets, log);
        foreach (var console in consoles)
        {
            console.Log = log.Factory.CreateLogger<PluginConsole>();
        }

        // The engine opens while the web server is put together: both take their time, and neither needs the other for it.
        var opening = Task.Run(() => EngineRoom.OpenAsync(options, secrets, TimeProvider.System, log.Factory, log.Requests, cancellationToken), cancellationToken);
        builder.Services.AddSingleton(log.Factory);
        var drain = new DrainFirst();
        builder.Services.AddSingleton<IHostedService>(drain);
        Listener.Configure(builder.WebHost, options.Urls, connections.Webhooks);
        // A request is read and answered on the thread that the socket's event came on, without a hop to another. Unsafe only for those who make that
        // thread wait: the ingress awaits, and a step that blocks it blocks its own connection alone.
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            // A connection keeps its 4 KB while it waits for the next request, and is spared a call of the system to hear that one is there.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        });
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownGraceSeconds + 10));

        var app = builder.Build();
        var server = new HostServer(app, await OpenedAsync(opening, app, log), options, connections, log);
        drain.Drain = () => server._stopRoom.Value;
        foreach (var console in consoles)
        {
            // A plugin's assemblies lie in a folder that is named by the hash of its content.
            console.NameOf = path => server.Room.Plugins.Plugins.FirstOrDefault(plugin => plugin.Hash is { } hash && path.Contains(hash, StringComparison.Ordinal))?.Name;
        }

        try
        {
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the host has been told to stop, and has stopped.</summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        await _app.WaitForShutdownAsync(cancellationToken);
        await _stopRoom.Value;
    }

    public async ValueTask DisposeAsync()
    {
        Room.Plugins.StopWaiting();
        await _app.StopAsync();
        // The server waits for requests only; a run whose caller was acknowledged has none.
        await _stopRoom.Value;
        // Last of the two: it says how far the stop is.
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }

        await EndAsync(_watching, "Watching the folders");
        await EndAsync(_warming, "Warming up");
        _folder.Dispose();
        _plugins.Dispose();
        await _app.DisposeAsync();
        _relief.Dispose();
        await Room.DisposeAsync();
        _log.Dispose();
    }

    // Both end when the host stops. What hangs in the file system in spite of every bound must not keep the process.
    private async Task EndAsync(Task work, string what)
    {
        await work.WaitAsync(WatchPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompletedSuccessfully)
        {
            _log.Factory.CreateLogger<HostServer>().LogError(work.Exception, "{What} did not end in order; the host stops all the same", what);
        }
    }

    private static async Task<EngineRoom> OpenedAsync(Task<EngineRoom> opening, WebApplication app, HostLog log)
    {
        try
        {
            return await opening;
        }
        catch
        {
            await app.DisposeAsync();
            log.Dispose();
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        // What the first requests will need is compiled while the rest of the start goes on; it is not waited for.
        _warming = Task.Run(() => Room.WarmAsync(_app.Lifetime.ApplicationStopping), CancellationToken.None);
        await _folder.LoadAsync(cancellationToken);
        _admin = await AdminServer.StartAsync(Room, _options, () => Address, _connections, _log.Factory, cancellationToken);
        _app.Run(new PublicListener(Room).HandleAsync);
        await Listener.StartAsync(_app, "--urls", cancellationToken);
        var stopping = _app.Lifetime.ApplicationStopping;
        stopping.Register(Room.Plugins.StopWaiting);
        _watching = Task.WhenAll(_folder.WatchAsync(stopping), _plugins.WatchAsync(stopping), Room.BlobSweep.RunAsync(stopping), Room.Retention.RunAsync(stopping));
        _ = AfterStartAsync();
    }

    private static void WarnOfShortSecrets(HostSecrets secrets, HostLog log)
    {
        foreach (var name in secrets.Names.Where(name => secrets.Find(name)!.Length < SecretMask.ShortestMasked))
        {
            log.Factory.CreateLogger<HostServer>().LogWarning(
                "The secret {Name} has fewer than {Count} characters, so it is not masked in logs, runs and the API. Use a longer one", name, SecretMask.ShortestMasked);
        }
    }

    // What may take its time: the first script is slow to start, and runs that were left unfinished go on.
    private async Task AfterStartAsync()
    {
        var log = _log.Factory.CreateLogger<HostServer>();
        try
        {
            await _warming;
            await WarmUpAsync(log);
            var taken = await Room.Recovery.SweepAsync(_app.Lifetime.ApplicationStopping);
            if (taken > 0)
            {
                log.LogInformation("{Count} unfinished runs continue", taken);
            }

            // What the start needed once, parsed files and schemas and the warm-up's scripts, goes back to the system: an idle host is small.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        catch (OperationCanceledException)
        {
            log.LogInformation("The host stops before every unfinished run was taken up; they wait for the next start");
        }
        catch (Exception exception)
        {
            log.LogError(exception, "Taking up the unfinished runs failed; they wait for the next start");
        }
    }

    // Ahead of the unfinished runs, whose scripts would be the first otherwise; on a machine so busy that it fails, they go on all the same.
    private static async Task WarmUpAsync(ILogger<HostServer> log)
    {
        try
        {
            await Task.Run(() => ExpressionWarmUp.Run());
        }
        catch (ExpressionException exception)
        {
            log.LogInformation("The first script was not done ahead of the first request: {Reason}", exception.Message);
        }
    }
}
