using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Bench.Soak;

/// <summary>The target of the load, on loopback only, and its one request: the plain flow with a payment provider's event.</summary>
internal sealed class Target
{
    private const string Body =
        """{"id":"evt_1","type":"payment.succeeded","created":1770000000,"data":{"object":{"id":"pay_123","amount":1250,"currency":"eur","customer":"cus_42","metadata":{"order":"o-1001"}}}}""";

    private readonly IPEndPoint _address;

    public Target(Uri url)
    {
        if (!IPAddress.TryParse(url.Host, out var address) || !IPAddress.IsLoopback(address))
        {
            throw new ArgumentException($"{url} is not on loopback: a load on a machine of somebody else is an attack.", nameof(url));
        }

        _address = new IPEndPoint(address, url.Port);
        Request = Encoding.ASCII.GetBytes(
            $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nX-Event: payment\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
    }

    public ReadOnlyMemory<byte> Request { get; }

    /// <param name="isSlow">Whether it has the smallest possible receive buffer.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public async ValueTask<Socket> ConnectAsync(bool isSlow, CancellationToken cancellationToken)
    {
        // Closing with a reset leaves nothing behind; an ordinary close would keep the port in use for a minute.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        if (isSlow)
        {
            socket.ReceiveBufferSize = 1;
        }

        try
        {
            await socket.ConnectAsync(_address, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
