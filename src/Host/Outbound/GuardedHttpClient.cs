using System.Net;
using System.Net.Sockets;

namespace Sluice.Host.Outbound;

/// <summary>Makes the one client that all nodes share: no redirects, no cookies, no proxy, and a guard on every address it connects to.</summary>
internal static class GuardedHttpClient
{
    /// <summary>How the message of a refused connection begins; nodes tell a refusal from an outage by it.</summary>
    public const string RefusalPrefix = "Refused by the host:";

    public static HttpClient Create(AddressGuard guard) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 256,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(guard, context.DnsEndPoint, cancellationToken),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static async ValueTask<Stream> ConnectAsync(AddressGuard guard, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        foreach (var address in addresses)
        {
            if (guard.Refuse(address) is { } reason)
            {
                throw new HttpRequestException($"{RefusalPrefix} {reason}");
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The judged addresses, not the name: a second look-up could answer differently.
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
