using Microsoft.Extensions.DependencyInjection.Extensions;
using Sluice.Host.Api;
using Sluice.Host.Configuration;
using Sluice.Host.Listening;

namespace Sluice.Host.Composition;

/// <summary>The admin listener: a web server of its own, so that nothing a webhook sends shares an origin, or connections, with the admin API.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdminServer(WebApplication app) => _app = app;

    /// <summary>The first address that it listens on.</summary>
    public string Address => Listener.AddressOf(_app);

    public IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <param name="services">The engine and the ingress.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="webhooks">Gives the address of the public listener, once it listens.</param>
    /// <param name="connections">The connections of both listeners.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ConfigurationException">An address is in use.</exception>
    public static async Task<AdminServer> StartAsync(
        IServiceProvider services, SluiceOptions options, Func<string> webhooks, ListenerConnections connections, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRouting();
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, DependentLifetime>());
        builder.WebHost.UseKestrelCore();
        Listener.Configure(builder.WebHost, options.Admin.Urls, connections.Admin);
        var app = builder.Build();
        try
        {
            AdminApi.Map(app, services, options, webhooks, TimeProvider.System);
            await Listener.StartAsync(app, "--admin-urls", cancellationToken);
            return new AdminServer(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Leaves signals to the host: this listener still answers while the host drains.</summary>
    private sealed class DependentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
