using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Sluice.Bench.Soak;

/// <summary>
/// A caller: waits until a request is due, sends it, and waits again. A request on a persistent connection allocates nothing.
/// </summary>
internal abstract class Caller(Callers callers, Target target, Tally tally) : IValueTaskSource<long>
{
    private ManualResetValueTaskSourceCore<long> _next = new() { RunContinuationsAsynchronously = true };

    protected Target Target => target;

    protected Tally Tally => tally;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var stop = cancellationToken.Register(() => Take(0));
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!callers.TryNext(this, out var due))
            {
                due = await new ValueTask<long>(this, _next.Version);
                _next.Reset();
            }

            if (due == 0)
            {
                break;
            }

            try
            {
                await CallAsync(due, cancellationToken);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                Abandon();
                tally.Fail(exception.Message);
            }
            catch (OperationCanceledException)
            {
                tally.Fail("no answer by the end");
                break;
            }
        }

        Abandon();
    }

    /// <summary>Wakes a waiting caller.</summary>
    public void Take(long due)
    {
        try
        {
            _next.SetResult(due);
        }
        catch (InvalidOperationException)
        {
            // The soak ended while this caller was busy; it detects that by itself.
        }
    }

    /// <summary>Sends one request.</summary>
    /// <param name="due">The timestamp at which it was due.</param>
    /// <param name="cancellationToken">The end of the soak.</param>
    protected abstract ValueTask CallAsync(long due, CancellationToken cancellationToken);

    /// <summary>Drops the connection, if there is one.</summary>
    protected abstract void Abandon();

    long IValueTaskSource<long>.GetResult(short token) => _next.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _next.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _next.OnCompleted(continuation, state, token, flags);
}

/// <summary>Sends, reads the response, and keeps the connection. The reported latency is that of these callers.</summary>
internal sealed class PlainCaller(Callers callers, Target target, Tally tally) : Caller(callers, target, tally)
{
    private readonly AnswerReader _reader = new();
    private Socket? _socket;

    protected override async ValueTask CallAsync(long due, CancellationToken cancellationToken)
    {
        _socket ??= await Target.ConnectAsync(isSlow: false, cancellationToken);
        await _socket.SendAsync(Target.Request, cancellationToken);
        var status = await _reader.ReadAsync(_socket, int.MaxValue, TimeSpan.Zero, cancellationToken);
        Tally.Answered(status, Stopwatch.GetElapsedTime(due));
    }

    protected override void Abandon()
    {
        _socket?.Dispose();
        _socket = null;
    }
}

/// <summary>Sends, and reads the response slowly: eight bytes, a pause, eight bytes. It must be complete in the end.</summary>
internal sealed class SlowCaller(Callers callers, Target target, Tally tally) : Caller(callers, target, tally)
{
    private readonly AnswerReader _reader = new();

    protected override async ValueTask CallAsync(long due, CancellationToken cancellationToken)
    {
        using var socket = await Target.ConnectAsync(isSlow: true, cancellationToken);
        await socket.SendAsync(Target.Request, cancellationToken);
        Tally.AnsweredSlowly(await _reader.ReadAsync(socket, 8, TimeSpan.FromMilliseconds(20), cancellationToken));
    }

    protected override void Abandon()
    {
    }
}

/// <summary>Sends, and disconnects before the response.</summary>
internal sealed class RudeCaller(Callers callers, Target target, Tally tally) : Caller(callers, target, tally)
{
    protected override async ValueTask CallAsync(long due, CancellationToken cancellationToken)
    {
        using var socket = await Target.ConnectAsync(isSlow: false, cancellationToken);
        await socket.SendAsync(Target.Request, cancellationToken);
        Tally.HungUp();
    }

    protected override void Abandon()
    {
    }
}
