using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Time.Testing;
using Sluice.Host.Listening;

namespace Sluice.Host.Tests.Listening;

/// <summary>A connection whose caller has closed its sending side.</summary>
public sealed class ConnectionPlaceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly Socket _caller = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _inputEnded = new();
    private Socket? _socket;
    private ConnectionPlace? _place;

    private bool IsClosed => _place!.ConnectionClosed.IsCancellationRequested;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await _caller.ConnectAsync(listener.LocalEndPoint!, Token);
        _socket = await listener.AcceptAsync(Token);
        var connection = new DefaultConnectionContext("test") { ConnectionClosed = _inputEnded.Token };
        connection.Features.Set<IConnectionSocketFeature>(new Accepted(_socket));
        _place = new ConnectionPlace(connection, new ConnectionGate(most: 1, slack: 1, _time, () => false), _time);
        _place.BeginRequest(hasBody: false);
    }

    public ValueTask DisposeAsync()
    {
        _caller.Dispose();
        _socket!.Dispose();
        _inputEnded.Dispose();
        return default;
    }

    [Fact]
    public async Task It_closes_a_moment_after_the_end_of_the_input()
    {
        await _inputEnded.CancelAsync();

        _time.Advance(ConnectionPlace.EndGrace - TimeSpan.FromMilliseconds(1));
        Assert.False(IsClosed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(IsClosed);
    }

    [Fact]
    public async Task It_stays_open_while_a_response_is_sent_and_the_caller_is_there()
    {
        await _inputEnded.CancelAsync();
        _place!.BeginResponse();

        _time.Advance(10 * ConnectionPlace.EndGrace);
        Assert.False(IsClosed);
        _socket!.Dispose();
        _time.Advance(ConnectionPlace.EndGrace);
        Assert.True(IsClosed);
    }

    [Fact]
    public async Task The_response_to_an_earlier_request_keeps_nothing_open()
    {
        _place!.BeginResponse();
        _place.BeginRequest(hasBody: false);
        await _inputEnded.CancelAsync();

        _time.Advance(ConnectionPlace.EndGrace);

        Assert.True(IsClosed);
    }

    private sealed class Accepted(Socket socket) : IConnectionSocketFeature
    {
        public Socket Socket => socket;
    }
}
