using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;
using Sluice.Host.Logging;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Cli;

/// <summary>The engine for one command, without a server; its data directory is temporary.</summary>
internal sealed class LocalRoom : IAsyncDisposable
{
    private readonly DirectoryInfo _data;

    private readonly ServiceProvider _services;

    private LocalRoom(ServiceProvider services, string plugins, DirectoryInfo data)
    {
        _services = services;
        PluginsDirectory = plugins;
        _data = data;
    }

    /// <summary>The engine and the ingress.</summary>
    public IServiceProvider Services => _services;

    /// <summary>The directory of the loaded plugins.</summary>
    public string PluginsDirectory { get; }

    /// <summary>A directory for temporary files of the command.</summary>
    public string Directory => _data.FullName;

    /// <param name="overrides">The options of the command line, by configuration key.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="authentication">How much of a webhook's authentication is checked. Only the user at the terminal can send requests to
    /// this engine.</param>
    /// <param name="swaps">Whether plugins are swapped; if not, their code starts faster.</param>
    /// <exception cref="ConfigurationException">The configuration is invalid.</exception>
    public static async Task<LocalRoom> OpenAsync(
        IEnumerable<KeyValuePair<string, string?>> overrides,
        CancellationToken cancellationToken,
        AuthenticationRule authentication = AuthenticationRule.AnyAge,
        bool swaps = true)
    {
        var data = System.IO.Directory.CreateTempSubdirectory("sluice-local-");
        try
        {
            var options = HostConfiguration.ReadAlone([.. overrides, new("Data:Directory", data.FullName)]);
            var secrets = HostSecrets.Read(Environment.GetEnvironmentVariables(), options.Secrets.Directory);
            var requests = new LoggedRequests(NullLogger<LoggedRequests>.Instance);
            var services = await EngineHost.OpenAsync(
                options,
                secrets,
                NullLoggerFactory.Instance,
                requests,
                authentication,
                engine =>
                {
                    engine.KnownPluginsFolder = CommandCache.FindPlugins();
                    engine.IsUnloadable = swaps;
                },
                cancellationToken);
            return new LocalRoom(services, options.Plugins.Directory!, data);
        }
        catch
        {
            data.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The journal is deleted with the command, so its runs never continue.
        await _services.StopAsync(TimeSpan.Zero);
        await _services.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
