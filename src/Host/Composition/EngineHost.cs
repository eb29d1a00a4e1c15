using Sluice.Engine.Embedding;
using Sluice.Engine.Secrets;
using Sluice.Host.Configuration;
using Sluice.Host.Logging;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Schemes;

namespace Sluice.Host.Composition;

/// <summary>The engine and the ingress of a program, in a container of their own: both listeners, or one command, use them.</summary>
internal static class EngineHost
{
    /// <summary>Opens the engine: its journal, its plugins, the published workflows. Nothing reads the host's environment from here on.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="secrets">The secrets of the host.</param>
    /// <param name="loggers">Where all of it logs.</param>
    /// <param name="requests">Where requests are logged.</param>
    /// <param name="rule">How requests are authenticated.</param>
    /// <param name="configure">Sets what only this program knows of the engine.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The container. Stop the engine before you dispose it.</returns>
    /// <exception cref="Engine.Storage.Sqlite.DataDirectoryException">The data directory can't be used.</exception>
    public static async Task<ServiceProvider> OpenAsync(
        SluiceOptions options,
        ISecrets secrets,
        ILoggerFactory loggers,
        IRequestLog requests,
        AuthenticationRule rule,
        Action<SluiceEngineOptions> configure,
        CancellationToken cancellationToken)
    {
        HostEnvironment.Clear();
        var services = new ServiceCollection()
            .AddSingleton(secrets)
            .AddSingleton(loggers)
            .AddSingleton(requests)
            .AddSingleton(SchemeList.All)
            .AddSluiceEngine(engine =>
            {
                EngineConfiguration.Apply(options, engine);
                configure(engine);
            })
            .AddIngress(options, rule)
            .BuildServiceProvider();
        try
        {
            await services.GetRequiredService<EngineLifetime>().OpenAsync(cancellationToken);
            // The first request does not wait for it to be put together.
            services.GetRequiredService<WebhookEndpoint>();
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops in the order that loses nothing: no new runs, the active runs to their end or their last step. The journal is closed last, by the container.</summary>
    public static Task StopAsync(this IServiceProvider services, TimeSpan grace)
    {
        services.GetRequiredService<Admission>().Drain();
        return services.GetRequiredService<EngineLifetime>().StopAsync(grace);
    }
}
