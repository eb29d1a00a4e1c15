using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Host.Listening;

/// <summary>An open connection that has a place at a <see cref="ConnectionGate"/>: the transport's own, and whether it may be closed to make room for another.</summary>
internal sealed class ConnectionPlace : ConnectionContext
{
    private const int Open = 0;
    private const int Protected = 1;
    private const int Closed = 2;

    // Milliseconds. The send buffer of a connection without a request is empty and takes a response at once.
    private const int SendTimeout = 1;

    private readonly ConnectionContext _connection;
    private readonly ConnectionGate _gate;
    private int _state;
    private bool _wasUsed;
    private bool _hasBegun;

    /// <param name="connection">The transport's connection.</param>
    /// <param name="gate">Where it has its place.</param>
    /// <param name="since">The timestamp at which it was accepted.</param>
    public ConnectionPlace(ConnectionContext connection, ConnectionGate gate, long since)
    {
        (_connection, _gate, Since) = (connection, gate, since);
        Node = new LinkedListNode<ConnectionPlace>(this);
        connection.Features.Set(this);
    }

    /// <summary>The timestamp at which it was accepted.</summary>
    public long Since { get; }

    /// <summary>Where it stands in its gate's list; the gate alone uses it.</summary>
    public LinkedListNode<ConnectionPlace> Node { get; }

    public override string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public override IFeatureCollection Features => _connection.Features;

    public override IDictionary<object, object?> Items
    {
        get => _connection.Items;
        set => _connection.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _connection.Transport;
        set => _connection.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _connection.ConnectionClosed;
        set => _connection.ConnectionClosed = value;
    }

    public override System.Net.EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => _connection.LocalEndPoint = value;
    }

    public override System.Net.EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => _connection.RemoteEndPoint = value;
    }

    /// <summary>Says that a request has arrived: what is sent from now on is its response.</summary>
    public void BeginRequest() => Volatile.Write(ref _hasBegun, true);

    /// <summary>Gives the connection a second chance: its request is one that the host serves.</summary>
    public void Use() => Volatile.Write(ref _wasUsed, true);

    /// <summary>Keeps the connection open until <see cref="Release"/>; false if it was closed already.</summary>
    public bool TryProtect()
    {
        Use();
        return Interlocked.CompareExchange(ref _state, Protected, Open) == Open;
    }

    public void Release() => Volatile.Write(ref _state, Open);

    /// <summary>Keeps the connection of an exchange open until the result is disposed. One that was closed already ends by its abort.</summary>
    public static Kept Keep(HttpContext http) => new(http.Features.Get<ConnectionPlace>() is { } place && place.TryProtect() ? place : null);

    /// <summary>Whether a request was served on it since this was last asked, or is being served.</summary>
    public bool TakeUse()
    {
        var wasUsed = Volatile.Read(ref _wasUsed);
        Volatile.Write(ref _wasUsed, false);
        return wasUsed || Volatile.Read(ref _state) == Protected;
    }

    /// <summary>Claims it for closing; false while it is protected.</summary>
    public bool TryClose() => Interlocked.CompareExchange(ref _state, Closed, Open) == Open;

    /// <summary>Closes it for another that takes its place. A caller whose request was not looked at yet is told to come again.</summary>
    public void CloseForAnother()
    {
        if (!Volatile.Read(ref _hasBegun))
        {
            try
            {
                if (Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
                {
                    // The web server may be sending what refuses a broken request: without a bound, this thread would wait for the caller to read it.
                    socket.SendTimeout = SendTimeout;
                    socket.Send(RefusedSockets.Response);
                }
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The caller has left.
            }
        }

        Abort(new ConnectionAbortedException("The connection was closed to make room for another."));
    }

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

    public override void Abort() => _connection.Abort();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.DisposeAsync();
            await base.DisposeAsync();
        }
        finally
        {
            _gate.Leave(this);
        }
    }

    /// <summary>A connection that is kept open until this is disposed.</summary>
    public readonly struct Kept(ConnectionPlace? place) : IDisposable
    {
        public void Dispose() => place?.Release();
    }
}
