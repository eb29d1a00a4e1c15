using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Host.Listening;

/// <summary>A listener whose connections pass a <see cref="ConnectionGate"/>; those that find no place are answered 503.</summary>
/// <remarks>
/// A thread of its own accepts, because the thread pool may be busy for seconds with what came in before: a newcomer is answered at once nevertheless, and
/// the system's backlog stays short.
/// </remarks>
internal sealed class GatedListener : IConnectionListener
{
    // Unbinding wakes the thread. On systems where it does not, the thread checks periodically.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan WaitWhileRejecting = TimeSpan.FromMilliseconds(20);

    private readonly IConnectionListener _listener;
    private readonly Socket _socket;
    private readonly ConnectionGate _gate;
    private readonly RejectedSockets _refused;
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleWriter = true, SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isUnbound;

    private GatedListener(IConnectionListener listener, Socket socket, ConnectionGate gate, RejectedSockets refused) =>
        (_listener, _socket, _gate, _refused) = (listener, socket, gate, refused);

    public EndPoint EndPoint => _listener.EndPoint;

    /// <param name="listener">Accepts the connections that have a place.</param>
    /// <param name="socket">The socket that it accepts them from.</param>
    /// <param name="gate">Says which do.</param>
    /// <param name="refused">Answers the others.</param>
    public static GatedListener Start(IConnectionListener listener, Socket socket, ConnectionGate gate, RejectedSockets refused)
    {
        var gated = new GatedListener(listener, socket, gate, refused);
        new Thread(gated.Run) { IsBackground = true, Name = "accept" }.Start();
        return gated;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _isUnbound = true;
        await _listener.UnbindAsync(cancellationToken);
        await _ended.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_accepted.Reader.TryRead(out var never))
        {
            await never.DisposeAsync();
        }

        await _listener.DisposeAsync();
    }

    private void Run()
    {
        Exception? failure = null;
        UrgentThread.Become();
        try
        {
            while (!_isUnbound)
            {
                Step();
            }
        }
        catch (Exception exception) when (_isUnbound && exception is ObjectDisposedException or SocketException)
        {
            // The socket was closed while the thread used it.
        }
        catch (Exception exception)
        {
            // The next AcceptAsync throws it.
            failure = exception;
        }

        _refused.Dispose();
        _accepted.Writer.Complete(failure);
        _ended.SetResult();
    }

    private void Step()
    {
        if (_socket.Poll(_refused.IsEmpty ? LongestWait : WaitWhileRejecting, SelectMode.SelectRead) && !_isUnbound)
        {
            AcceptOne();
        }

        _refused.CloseDue();
    }

    private void AcceptOne()
    {
        if (_gate.TryReserve())
        {
            Serve();
            return;
        }

        try
        {
            _refused.Refuse(_socket.Accept());
        }
        catch (SocketException full) when (!_isUnbound && full.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            // It waits in the backlog until a file is free.
            Thread.Sleep(WaitWhileRejecting);
        }
        catch (SocketException) when (!_isUnbound)
        {
            // It has left.
        }
    }

    private void Serve()
    {
        ConnectionContext? connection = null;
        try
        {
            // One is waiting, so this is done at once. If it has left, the thread waits for the next here.
            var accepting = _listener.AcceptAsync();
            connection = accepting.IsCompleted ? accepting.Result : accepting.AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            if (connection is null)
            {
                _gate.GiveBack();
            }
        }

        if (connection is not null)
        {
            _accepted.Writer.TryWrite(_gate.Enter(connection));
        }
    }
}
