using Sluice.Engine.Embedding;
using Sluice.Engine.Execution;
using Sluice.Engine.Metrics;
using Sluice.Engine.Plugins;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Host.Configuration;
using Sluice.Host.Listening;
using Sluice.Host.Logging;
using Sluice.Host.Metrics;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Composition;

/// <summary>The running host: the engine behind its two listeners, started and stopped in an order that loses nothing.</summary>
internal sealed class HostServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HostLog _log;
    private readonly SluiceOptions _options;
    private readonly ServiceProvider _services;
    private readonly EngineLifetime _engine;
    private readonly PluginHost _plugins;
    private readonly ListenerConnections _connections;
    private readonly Lazy<Task> _stopEngine;
    private readonly PoolRelief _relief;
    private AdminServer? _admin;

    private HostServer(WebApplication app, ServiceProvider services, SluiceOptions options, ListenerConnections connections, HostLog log)
    {
        _app = app;
        _log = log;
        _services = services;
        _options = options;
        _connections = connections;
        _engine = services.GetRequiredService<EngineLifetime>();
        _plugins = services.GetRequiredService<PluginHost>();
        _stopEngine = new Lazy<Task>(() => services.StopAsync(TimeSpan.FromSeconds(_options.ShutdownGraceSeconds)));
        ConnectionMetrics.Observe(services.GetRequiredService<EngineMetrics>(), connections);
        var runner = services.GetRequiredService<Runner>();
        _relief = PoolRelief.Start(Math.Min(options.Runs.Max, 1000), () => runner.ActiveCount > 0, () => _plugins.WrittenOff);
    }

    /// <summary>The engine and the ingress.</summary>
    public IServiceProvider Services => _services;

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
        var opening = Task.Run(
            () => EngineHost.OpenAsync(options, secrets, log.Factory, log.Requests, AuthenticationRule.Full, _ => { }, cancellationToken), cancellationToken);
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
        drain.Drain = () => server._stopEngine.Value;
        foreach (var console in consoles)
        {
            // A plugin's assemblies lie in a folder that is named by the hash of its content.
            console.NameOf = path => server._plugins.Plugins.FirstOrDefault(plugin => plugin.Hash is { } hash && path.Contains(hash, StringComparison.Ordinal))?.Name;
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
        await _stopEngine.Value;
    }

    public async ValueTask DisposeAsync()
    {
        _plugins.StopWaiting();
        await _app.StopAsync();
        // The server waits for requests only; a run whose caller was acknowledged has none.
        await _stopEngine.Value;
        // Last of the two: it says how far the stop is.
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }

        await _engine.EndAsync();
        await _app.DisposeAsync();
        _relief.Dispose();
        await _services.DisposeAsync();
        _log.Dispose();
    }

    private static async Task<ServiceProvider> OpenedAsync(Task<ServiceProvider> opening, WebApplication app, HostLog log)
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
        var stopping = _app.Lifetime.ApplicationStopping;
        await _engine.LoadAsync(stopping, cancellationToken);
        _admin = await AdminServer.StartAsync(_services, _options, () => Address, _connections, _log.Factory, cancellationToken);
        _app.Run(new PublicListener(_services).HandleAsync);
        await Listener.StartAsync(_app, "--urls", cancellationToken);
        _engine.Watch(stopping);
        _ = AfterStartAsync(stopping);
    }

    private async Task AfterStartAsync(CancellationToken stopping)
    {
        await _engine.RecoverAsync(stopping);
        if (!stopping.IsCancellationRequested)
        {
            // What the start needed once, parsed files and schemas and the warm-up's scripts, goes back to the system: an idle host is small.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private static void WarnOfShortSecrets(SecretValues secrets, HostLog log)
    {
        foreach (var name in secrets.Names.Where(name => secrets.Find(name)!.Length < SecretMask.ShortestMasked))
        {
            log.Factory.CreateLogger<HostServer>().LogWarning(
                "The secret {Name} has fewer than {Count} characters, so it is not masked in logs, runs and the API. Use a longer one", name, SecretMask.ShortestMasked);
        }
    }
}
