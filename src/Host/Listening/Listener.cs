using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Sluice.Host.Configuration;

namespace Sluice.Host.Listening;

/// <summary>What the web servers of both listeners have in common: how each is set up and started.</summary>
internal static class Listener
{
    // A full backlog drops newcomers, who try again only after a second. The system's own bound (net.core.somaxconn, 4096) holds too.
    private const int Backlog = 4096;

    // What is received before anybody reads it. The bound on the memory of bodies counts what was read, and each connection may have this much beside it.
    private const int ReadBuffer = 128 * 1024;

    public static void Configure(IWebHostBuilder web, string urls, ConnectionGate connections)
    {
        AppContext.SetSwitch(Framing.StrictLineEnds, true);
        web.UseUrls(urls.Split(';'));
        web.ConfigureKestrel(kestrel =>
        {
            // A section "Kestrel", of the environment for one, would replace the addresses that were checked.
            kestrel.Configure();
            kestrel.AddServerHeader = false;
            // Bodies are counted where they are read, to answer with a problem of our own.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.RequestHeaderEncodingSelector = Framing.EncodingOf;
        });
        web.ConfigureServices(services => services.Configure<SocketTransportOptions>(sockets =>
        {
            sockets.Backlog = Backlog;
            sockets.MaxReadBufferSize = ReadBuffer;
        }));
        // Kestrel asks the transport that was added last.
        web.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(
            provider => new GatedTransport(provider, connections, static () => new RejectedSockets(FileLimit.MostRejected, TimeProvider.System))));
    }

    /// <param name="app">The web server.</param>
    /// <param name="option">The option of the command line that names its addresses.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ConfigurationException">An address is in use.</exception>
    public static async Task StartAsync(WebApplication app, string option, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new ConfigurationException($"{exception.Message} Stop the program that listens there, or choose another address with {option}.", exception);
        }
    }

    /// <summary>The first address that it listens on.</summary>
    public static string AddressOf(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
