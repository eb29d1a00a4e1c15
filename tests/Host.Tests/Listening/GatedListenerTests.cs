using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Sluice.Host.Listening;

namespace Sluice.Host.Tests.Listening;

/// <summary>A full listener: who keeps a place, who loses it, and who gets none.</summary>
public sealed class GatedListenerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _callers = [];
    private readonly ConnectionGate _gate;
    private readonly GatedListener _listener;
    private bool _isBehind;

    public GatedListenerTests()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen();
        _gate = new ConnectionGate(most: 3, slack: 2, _time, () => _isBehind);
        _listener = GatedListener.Start(new Accepting(_socket), _socket, _gate, new RejectedSockets(most: 2, _time));
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _callers.ForEach(caller => caller.Dispose());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_the_bound_a_new_connection_takes_the_place_of_the_oldest_that_served_nothing()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);

        await AcceptAsync(2);

        Assert.Equal([true, true, false], places.Select(place => place.ConnectionClosed.IsCancellationRequested));
        Assert.Equal((3, 2, 0), (_gate.Count, _gate.Closed, _gate.Refused));
    }

    [Fact]
    public async Task A_connection_that_served_a_request_gets_a_second_chance()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        Assert.True(places[0].TryProtect());
        places[0].Release();

        await AcceptAsync(2);
        Assert.Equal([false, true, true], places.Select(place => place.ConnectionClosed.IsCancellationRequested));
        await places[1].DisposeAsync();
        await AcceptAsync(1);

        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_connection_that_serves_a_request_is_never_closed_and_a_new_one_is_answered_503_at_once()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        Assert.All(places, place => Assert.True(place.TryProtect()));

        var answer = await AskAsync();

        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"urn:sluice:problem:too-many-connections\"", answer, StringComparison.Ordinal);
        Assert.Equal((3, 0, 1), (_gate.Count, _gate.Closed, _gate.Refused));
        Assert.DoesNotContain(places, place => place.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_new_connection_has_a_moment_for_its_first_request()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace - TimeSpan.FromMilliseconds(1));
        Assert.StartsWith("HTTP/1.1 503 ", await AskAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(places, place => place.ConnectionClosed.IsCancellationRequested);

        _time.Advance(TimeSpan.FromMilliseconds(20));
        await AcceptAsync(1);
        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task While_the_host_is_behind_that_moment_is_longer()
    {
        _isBehind = true;
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        Assert.StartsWith("HTTP/1.1 503 ", await AskAsync(), StringComparison.Ordinal);

        _time.Advance(ConnectionGate.GraceBehind);
        await AcceptAsync(1);
        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task After_a_look_that_found_none_idle_the_next_one_pauses()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        Assert.All(places, place => Assert.True(place.TryProtect()));
        await AskAsync();
        places[0].Release();

        await AskAsync();
        Assert.Equal((3, 0, 2), (_gate.Count, _gate.Closed, _gate.Refused));

        _time.Advance(TimeSpan.FromMilliseconds(20));
        await AcceptAsync(1);
        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_connection_whose_caller_waits_is_kept_until_the_wait_is_over()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        var http = new DefaultHttpContext();
        http.Features.Set(places[0]);
        using (ConnectionPlace.Keep(http))
        {
            await AcceptAsync(2);
            Assert.Equal([false, true, true], places.Select(place => place.ConnectionClosed.IsCancellationRequested));
        }

        await places[1].DisposeAsync();
        await places[2].DisposeAsync();
        _time.Advance(ConnectionGate.Grace);
        await AcceptAsync(2);
        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task One_that_was_closed_serves_no_request()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        await AcceptAsync(1);

        Assert.False(places[0].TryProtect());
        Assert.True(places[1].TryProtect());
    }

    [Fact]
    public async Task Beyond_the_slack_a_new_one_is_answered_503_until_one_is_gone()
    {
        var places = await AcceptAsync(3);
        _time.Advance(ConnectionGate.Grace);
        await AcceptAsync(2);
        _time.Advance(ConnectionGate.Grace);
        Assert.StartsWith("HTTP/1.1 503 ", await AskAsync(), StringComparison.Ordinal);
        Assert.False(places[2].ConnectionClosed.IsCancellationRequested);

        await places[0].DisposeAsync();

        await AcceptAsync(1);
        Assert.True(places[2].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_refused_connection_that_has_sent_nothing_is_answered_as_well_and_does_not_keep_others_waiting()
    {
        await AcceptAsync(3);
        var silent = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ConnectAsync()));

        Assert.All(await Task.WhenAll(silent.Select(ReadAsync)), answer => Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal));
        Assert.Equal(5, _gate.Refused);
    }

    [Fact]
    public async Task A_place_that_is_left_is_free()
    {
        var places = await AcceptAsync(3);
        await places[1].DisposeAsync();

        await AcceptAsync(1);

        Assert.Equal((3, 0, 0), (_gate.Count, _gate.Closed, _gate.Refused));
    }

    [Fact]
    public async Task A_listener_that_is_unbound_accepts_no_more()
    {
        await AcceptAsync(3);
        var accepting = _listener.AcceptAsync(Token).AsTask();

        await _listener.UnbindAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token);

        Assert.Null(await accepting.WaitAsync(TestHost.Patience, Token));
        await Assert.ThrowsAsync<SocketException>(ConnectAsync);
    }

    private async Task<List<ConnectionPlace>> AcceptAsync(int count)
    {
        var places = new List<ConnectionPlace>();
        for (; count > 0; count--)
        {
            await ConnectAsync();
            places.Add(Assert.IsType<ConnectionPlace>(await _listener.AcceptAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token)));
        }

        return places;
    }

    private async Task<Socket> ConnectAsync()
    {
        var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _callers.Add(caller);
        await caller.ConnectAsync(_listener.EndPoint, Token);
        return caller;
    }

    private async Task<string> AskAsync()
    {
        var caller = await ConnectAsync();
        await caller.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
        return await ReadAsync(caller);
    }

    private static async Task<string> ReadAsync(Socket caller)
    {
        var buffer = new byte[4096];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TestHost.Patience);
        return Encoding.ASCII.GetString(buffer, 0, await caller.ReceiveAsync(buffer, patience.Token));
    }

    /// <summary>Accepts from a socket, as the web server's transport does.</summary>
    private sealed class Accepting(Socket socket) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new Accepted(await socket.AcceptAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    /// <summary>A connection whose abort shows at once.</summary>
    private sealed class Accepted : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();
        private readonly Socket _socket;

        public Accepted(Socket socket)
            : base(Guid.NewGuid().ToString()) => (_socket, ConnectionClosed) = (socket, _closed.Token);

        public override void Abort(ConnectionAbortedException abortReason) => _closed.Cancel();

        public override ValueTask DisposeAsync()
        {
            _socket.Dispose();
            return base.DisposeAsync();
        }
    }
}
