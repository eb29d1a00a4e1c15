using System.Net.Sockets;
using System.Text;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Listening;

/// <summary>Answers 503 on connections that found no place, without a web server, and closes them. For one thread.</summary>
/// <remarks>
/// A connection that is closed before its request came is kept for a moment: a request that meets a closed connection is answered with a reset, which can
/// overtake the response. So is one that is closed while bytes lie unread.
/// </remarks>
/// <param name="most">How many connections are kept for that moment.</param>
/// <param name="time">Tells when the moment is over.</param>
internal sealed class RejectedSockets(int most, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>The bytes of the response that each of them gets.</summary>
    public static readonly byte[] Response = Write(Problems.TooManyConnections);

    private readonly Queue<(Socket Socket, long Since)> _kept = new();
    private readonly byte[] _unread = new byte[16 * 1024];

    /// <summary>Whether any connection is kept.</summary>
    public bool IsEmpty => _kept.Count == 0;

    /// <summary>Answers a connection, and closes it now or in a moment.</summary>
    public void Refuse(Socket socket)
    {
        var isHeard = false;
        try
        {
            isHeard = Discard(socket) && socket.Available == 0;
            // The buffer of a new connection is empty and takes these few bytes at once.
            socket.Send(Response);
            if (!isHeard)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // It has left.
            isHeard = true;
        }

        if (isHeard)
        {
            socket.Dispose();
            return;
        }

        if (_kept.Count == most)
        {
            Close(_kept.Dequeue().Socket);
        }

        _kept.Enqueue((socket, time.GetTimestamp()));
    }

    /// <summary>Closes the connections whose moment is over.</summary>
    public void CloseDue()
    {
        while (_kept.TryPeek(out var first) && time.GetElapsedTime(first.Since) >= Patience)
        {
            Close(_kept.Dequeue().Socket);
        }
    }

    public void Dispose()
    {
        while (_kept.TryDequeue(out var kept))
        {
            Close(kept.Socket);
        }
    }

    private void Close(Socket socket)
    {
        try
        {
            Discard(socket);
        }
        catch (SocketException)
        {
            // It has left.
        }

        socket.Dispose();
    }

    // What has come is received without waiting.
    private bool Discard(Socket socket) => socket.Available > 0 && socket.Receive(_unread) > 0;

    private static byte[] Write(HttpProblem problem)
    {
        var body = problem.ToJson();
        return
        [
            .. Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {problem.Status} Service Unavailable\r\nConnection: close\r\nContent-Type: {HttpProblem.ContentType}\r\nRetry-After: {problem.RetryAfterSeconds}\r\n"
                + $"X-Content-Type-Options: {BrowserPolicy.NoSniff}\r\nContent-Length: {body.Length}\r\n\r\n"),
            .. body,
        ];
    }
}
