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

    /// <summary>
    /// How long a caller that has closed its sending side may wait for a response. It may have done so because its request is complete, or because it has
    /// left: nothing tells these apart before something is sent.
    /// </summary>
    public static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(1);

    // Milliseconds. The send buffer of a connection without a request is empty and takes a response at once.
    private const int SendTimeout = 1;

    private readonly ConnectionContext _connection;
    private readonly ConnectionGate _gate;
    private readonly TimeProvider _time;
    private readonly Socket? _socket;
    private readonly CancellationTokenSource _closed = new();
    private ITimer? _end;
    private RequestInput? _input;
    private IDuplexPipe? _transport;
    private int _state;
    private bool _wasUsed;
    private bool _hasBegun;
    private bool _isResponding;

    /// <param name="connection">The transport's connection.</param>
    /// <param name="gate">Where it has its place.</param>
    /// <param name="time">The clock; it is accepted now.</param>
    public ConnectionPlace(ConnectionContext connection, ConnectionGate gate, TimeProvider time)
    {
        (_connection, _gate, _time, Since) = (connection, gate, time, time.GetTimestamp());
        _socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        Node = new LinkedListNode<ConnectionPlace>(this);
        ConnectionClosed = _closed.Token;
        connection.Features.Set(this);
        connection.ConnectionClosed.UnsafeRegister(static place => ((ConnectionPlace)place!).OnClosed(), this);
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
        get => _transport ??= _input = new RequestInput(_connection.Transport);
        set => _transport = value;
    }

    /// <summary>
    /// Cancelled once nothing can be sent to the caller any more, or <see cref="EndGrace"/> after its input has ended, unless a response is being sent then.
    /// </summary>
    public override CancellationToken ConnectionClosed { get; set; }

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
    /// <param name="hasBody">Whether a body follows its head.</param>
    public void BeginRequest(bool hasBody)
    {
        Volatile.Write(ref _hasBegun, true);
        Volatile.Write(ref _isResponding, false);
        if (_input is { } input)
        {
            input.IsInBody = hasBody;
        }
    }

    /// <summary>Says that the response is being sent. How long that may take is decided by the rate at which the caller reads.</summary>
    public void BeginResponse() => Volatile.Write(ref _isResponding, true);

    /// <summary>Says that the body of the request was read to its end.</summary>
    public void EndBody()
    {
        if (_input is { } input)
        {
            input.IsInBody = false;
        }
    }

    /// <summary>Whether the caller's input ended inside of the body of its request.</summary>
    public bool IsCutOff => _input is { IsCutOff: true };

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
                if (_socket is not null)
                {
                    // The web server may be sending what refuses a broken request: without a bound, this thread would wait for the caller to read it.
                    _socket.SendTimeout = SendTimeout;
                    _socket.Send(RejectedSockets.Response);
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
            if (_end is not null)
            {
                await _end.DisposeAsync();
            }

            await _closed.CancelAsync();
        }
    }

    // Of a socket that was reset or closed on this side, Connected is false.
    private void OnClosed()
    {
        if (_socket is { Connected: true })
        {
            _end = _time.CreateTimer(static place => ((ConnectionPlace)place!).EndUnlessResponding(), this, EndGrace, EndGrace);
        }
        else
        {
            _closed.Cancel();
        }
    }

    private void EndUnlessResponding()
    {
        if (!Volatile.Read(ref _isResponding) || _socket is not { Connected: true })
        {
            _closed.Cancel();
        }
    }

    /// <summary>A connection that is kept open until this is disposed.</summary>
    public readonly struct Kept(ConnectionPlace? place) : IDisposable
    {
        public void Dispose() => place?.Release();
    }
}
