using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Host.Webhooks;

/// <summary>
/// A connection whose caller may end its side before the body is whole and still read the answer. Kestrel takes the early end for a caller who has gone
/// and resets the connection without an answer; here the reset waits until the request is over, and the 400 is sent in its place.
/// </summary>
internal sealed class HalfClosedConnection(ConnectionContext connection) : ConnectionContext
{
    // What Kestrel says where the caller has ended its side, and nowhere else. If it ever says something else, the caller gets the reset again.
    private const string EndedByCaller = "The client closed the connection.";

    private volatile bool _isHalfClosed;

    public override string ConnectionId { get => connection.ConnectionId; set => connection.ConnectionId = value; }

    public override IFeatureCollection Features => connection.Features;

    public override IDictionary<object, object?> Items { get => connection.Items; set => connection.Items = value; }

    public override IDuplexPipe Transport { get => connection.Transport; set => connection.Transport = value; }

    public override CancellationToken ConnectionClosed { get => connection.ConnectionClosed; set => connection.ConnectionClosed = value; }

    public override System.Net.EndPoint? LocalEndPoint { get => connection.LocalEndPoint; set => connection.LocalEndPoint = value; }

    public override System.Net.EndPoint? RemoteEndPoint { get => connection.RemoteEndPoint; set => connection.RemoteEndPoint = value; }

    /// <summary>Puts itself in the place of each connection.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => connection =>
    {
        var wrapped = new HalfClosedConnection(connection);
        connection.Features.Set(wrapped);
        return next(wrapped);
    };

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (abortReason.Message == EndedByCaller)
        {
            // Its side is closed once the server is done with the request, which the end of the input brings about.
            _isHalfClosed = true;
            return;
        }

        connection.Abort(abortReason);
    }

    public override void Abort() => connection.Abort();

    public override async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Answers a request whose body was cut off, where the server itself no longer sends anything; false where it still does.</summary>
    public async ValueTask<bool> TryAnswerAsync(HttpProblem problem, CancellationToken cancellationToken)
    {
        if (!_isHalfClosed)
        {
            return false;
        }

        var body = problem.ToJson();
        var output = connection.Transport.Output;
        output.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {problem.Status} Bad Request\r\nContent-Type: {HttpProblem.ContentType}\r\nContent-Length: {body.Length}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"));
        output.Write(body);
        await output.FlushAsync(cancellationToken);
        return true;
    }
}
