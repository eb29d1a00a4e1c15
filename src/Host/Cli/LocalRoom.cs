using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;
using Sluice.Host.Logging;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Cli;

/// <summary>The engine for one command, without a server: its data directory is its own and goes with it.</summary>
internal sealed class LocalRoom : IAsyncDisposable
{
    private readonly DirectoryInfo _data;

    private LocalRoom(EngineRoom engine, string plugins, DirectoryInfo data)
    {
        Engine = engine;
        PluginsDirectory = plugins;
        _data = data;
    }

    public EngineRoom Engine { get; }

    /// <summary>Where the plugins lie that were loaded.</summary>
    public string PluginsDirectory { get; }

    /// <summary>Where the command may keep what it makes on the way.</summary>
    public string Directory => _data.FullName;

    /// <param name="overrides">What the command line gave, by configuration key.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="authentication">What counts of a webhook's authentication. Nobody but the one at the terminal can send anything to this engine.</param>
    /// <param name="swaps">Whether plugins are swapped; if not, their code starts sooner.</param>
    /// <exception cref="ConfigurationException">The configuration is wrong.</exception>
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
            var engine = await EngineRoom.OpenAsync(
                options, secrets, TimeProvider.System, NullLoggerFactory.Instance, requests, cancellationToken, authentication, CommandCache.FindPlugins(), swaps);
            return new LocalRoom(engine, options.Plugins.Directory!, data);
        }
        catch
        {
            data.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Nobody goes on with what the command leaves: its journal goes with it.
        await Engine.StopAsync(TimeSpan.Zero);
        await Engine.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
