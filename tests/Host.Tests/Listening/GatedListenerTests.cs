using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Sluice.Host.Listening;

namespace Sluice.Host.Tests.Listening;

/// <summary>A full listener: who keeps a place, who loses it, and who gets none.</summary>
public sealed class GatedListenerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionGate _gate;
    private readonly Backlog _backlog = new();
    private readonly GatedListener _listener;

    public GatedListenerTests()
    {
        _gate = new ConnectionGate(most: 3, slack: 2, _time);
        _listener = new GatedListener(_backlog, _gate);
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_the_bound_a_new_connection_takes_the_place_of_the_oldest_that_served_nothing()
    {
        var places = await AcceptAsync(3);

        await AcceptAsync(2);

        Assert.Equal([true, true, false], places.Select(place => place.ConnectionClosed.IsCancellationRequested));
        Assert.Equal((3, 2, 0), (_gate.Count, _gate.Closed, _gate.Refused));
    }

    [Fact]
    public async Task A_connection_that_served_a_request_gets_a_second_chance()
    {
        var places = await AcceptAsync(3);
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
        Assert.All(places, place => Assert.True(place.TryProtect()));

        var accepting = _listener.AcceptAsync(Token);
        var answer = await _backlog.Connect().AskAsync();

        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"urn:sluice:problem:too-many-connections\"", answer, StringComparison.Ordinal);
        Assert.False(accepting.IsCompleted);
        Assert.Equal((3, 0, 1), (_gate.Count, _gate.Closed, _gate.Refused));
        Assert.DoesNotContain(places, place => place.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task After_a_look_that_found_none_idle_the_next_one_pauses()
    {
        var places = await AcceptAsync(3);
        Assert.All(places, place => Assert.True(place.TryProtect()));
        var accepting = _listener.AcceptAsync(Token).AsTask();
        await _backlog.Connect().AskAsync();
        places[0].Release();

        await _backlog.Connect().AskAsync();
        Assert.Equal((3, 0, 2), (_gate.Count, _gate.Closed, _gate.Refused));

        _time.Advance(TimeSpan.FromMilliseconds(20));
        _backlog.Connect();
        await accepting.WaitAsync(TestHost.Patience, Token);
        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_connection_whose_caller_waits_is_kept_until_the_wait_is_over()
    {
        var places = await AcceptAsync(3);
        var http = new DefaultHttpContext();
        http.Features.Set(places[0]);
        using (ConnectionPlace.Keep(http))
        {
            await AcceptAsync(2);
            Assert.Equal([false, true, true], places.Select(place => place.ConnectionClosed.IsCancellationRequested));
        }

        await places[1].DisposeAsync();
        await places[2].DisposeAsync();
        await AcceptAsync(2);
        Assert.True(places[0].ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task One_that_was_closed_serves_no_request()
    {
        var places = await AcceptAsync(4);

        Assert.False(places[0].TryProtect());
        Assert.True(places[1].TryProtect());
    }

    [Fact]
    public async Task Beyond_the_slack_none_is_accepted_until_one_is_gone()
    {
        var places = await AcceptAsync(5);
        var accepting = _listener.AcceptAsync(Token).AsTask();
        _backlog.Connect();
        Assert.False(accepting.IsCompleted);
        Assert.Equal(1, _backlog.Count);

        await places[0].DisposeAsync();

        Assert.NotNull(await accepting.WaitAsync(TestHost.Patience, Token));
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
    public async Task A_listener_that_is_unbound_accepts_no_more_although_it_is_full()
    {
        await AcceptAsync(5);
        var accepting = _listener.AcceptAsync(Token).AsTask();

        await _listener.UnbindAsync(Token);

        Assert.Null(await accepting.WaitAsync(TestHost.Patience, Token));
    }

    private async Task<List<ConnectionPlace>> AcceptAsync(int count)
    {
        var places = new List<ConnectionPlace>();
        for (; count > 0; count--)
        {
            _backlog.Connect();
            places.Add(Assert.IsType<ConnectionPlace>(await _listener.AcceptAsync(Token)));
        }

        return places;
    }

    /// <summary>The connections that nobody has accepted yet.</summary>
    private sealed class Backlog : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>();

        public int Count => _waiting.Reader.Count;

        public EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, 0);

        public Caller Connect()
        {
            var caller = new Caller();
            _waiting.Writer.TryWrite(caller.Connection);
            return caller;
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => await _waiting.Reader.ReadAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Caller
    {
        private readonly Pipe _toHost = new();
        private readonly Pipe _fromHost = new();

        public Caller() => Connection = new Abortable(Guid.NewGuid().ToString()) { Transport = new Duplex(_toHost.Reader, _fromHost.Writer) };

        public ConnectionContext Connection { get; }

        public async Task<string> AskAsync()
        {
            await _toHost.Writer.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
            return Encoding.ASCII.GetString((await _fromHost.Reader.ReadAsync(Token)).Buffer);
        }
    }

    /// <summary>A connection whose abort shows at once.</summary>
    private sealed class Abortable : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();

        public Abortable(string id)
            : base(id) => ConnectionClosed = _closed.Token;

        public override void Abort(ConnectionAbortedException abortReason) => _closed.Cancel();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
