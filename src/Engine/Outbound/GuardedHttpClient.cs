using System.Net;
using System.Net.Sockets;
using Sluice.Sdk;

namespace Sluice.Engine.Outbound;

/// <summary>
/// Creates the client that all nodes share: no redirects, no cookies, no proxy, and a guard on every address it connects to.
/// </summary>
internal static class GuardedHttpClient
{
    // Plugins built against SDK 1.1 or older recognize the exception by this prefix.
    private const string MessagePrefix = "Refused by the host:";

    public static HttpClient Create(AddressGuard guard) => new(new Unwrapping(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 256,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(guard, context.DnsEndPoint, cancellationToken),
    }))
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
                throw new AddressNotAllowedException($"{MessagePrefix} {reason}");
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Connects to the checked addresses and not to the name, because a second lookup could return others.
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Rethrows the guard's own exception, which the sockets handler wraps.</summary>
    private sealed class Unwrapping(SocketsHttpHandler handler) : DelegatingHandler(handler)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException wrapped) when (wrapped.InnerException is AddressNotAllowedException cause)
            {
                // One exception can fail several requests that wait for a connection, so each gets its own.
                throw new AddressNotAllowedException(cause.Message, wrapped);
            }
        }
    }
}
