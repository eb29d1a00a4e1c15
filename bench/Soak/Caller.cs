using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Sluice.Bench.Soak;

/// <summary>One caller: waits until a request is due, makes it, and waits again. Allocates nothing for a request on a connection that lasts.</summary>
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

    /// <summary>Wakes a caller who waits.</summary>
    public void Take(long due)
    {
        try
        {
            _next.SetResult(due);
        }
        catch (InvalidOperationException)
        {
            // The end came while this one was at work: it sees that by itself.
        }
    }

    /// <summary>Makes one request.</summary>
    /// <param name="due">When it should have been made.</param>
    /// <param name="cancellationToken">The end of all.</param>
    protected abstract ValueTask CallAsync(long due, CancellationToken cancellationToken);

    /// <summary>Lets go of a connection, where it has one.</summary>
    protected abstract void Abandon();

    long IValueTaskSource<long>.GetResult(short token) => _next.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _next.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _next.OnCompleted(continuation, state, token, flags);
}

/// <summary>Sends, reads the answer, keeps the connection. The latency that counts is that of these.</summary>
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

/// <summary>Sends, and takes its time over the answer: eight bytes, a pause, eight bytes. It must be whole in the end.</summary>
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

/// <summary>Sends and is gone before there is an answer.</summary>
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
