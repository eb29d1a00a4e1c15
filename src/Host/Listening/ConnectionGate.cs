using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Listening;

/// <summary>
/// Bounds the open connections of a listener. At the bound a new one takes the place of one that waits for a request; if each serves one, the new one is
/// answered 503 at once.
/// </summary>
/// <remarks>
/// Whoever opens connections and sends nothing, or a request drop by drop, holds only places that others can take. The connection to close is the one that
/// has served nothing for longest, by the CLOCK algorithm: each request gives its connection a second chance.
/// </remarks>
/// <param name="most">The most connections that have a place.</param>
/// <param name="slack">How many more may be open for a moment: those that are being closed or turned away.</param>
/// <param name="time">Bounds how long one that is turned away may take.</param>
[SuppressMessage(
    "Design", "CA1001", Justification = "Connections leave after their listener has ended, and a semaphore whose wait handle nobody asks for holds nothing to dispose.")]
internal sealed class ConnectionGate(int most, int slack, TimeProvider time)
{
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromMilliseconds(100);

    // A look at ten thousand places takes a millisecond, and strangers can connect thousands of times a second.
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(20);

    private static readonly byte[] Refusal = Write(Problems.TooManyConnections);

    private readonly SemaphoreSlim _room = new(most + slack);
    private readonly Lock _lock = new();
    private readonly LinkedList<ConnectionPlace> _places = new();
    private long? _fruitlessLook;
    private long _closed;
    private long _refused;

    /// <summary>The connections that have a place.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>How many were closed to make room for others.</summary>
    public long Closed => Interlocked.Read(ref _closed);

    /// <summary>How many were turned away.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Waits until one more may be accepted. Connections in the system's backlog take no file of the process.</summary>
    public Task TakeRoomAsync(CancellationToken cancellationToken) => _room.WaitAsync(cancellationToken);

    /// <summary>Gives back what <see cref="TakeRoomAsync"/> took.</summary>
    public void GiveRoom() => _room.Release();

    /// <summary>Gives an accepted connection a place, another's if all are taken; null if every connection serves a request.</summary>
    public ConnectionPlace? Enter(ConnectionContext connection)
    {
        ConnectionPlace? idle = null;
        var place = new ConnectionPlace(connection, this);
        lock (_lock)
        {
            if (_places.Count >= most && (idle = TakeIdle()) is null)
            {
                return null;
            }

            _places.AddLast(place);
        }

        if (idle is not null)
        {
            Interlocked.Increment(ref _closed);
            idle.Abort(new ConnectionAbortedException("The connection was closed to make room for another."));
        }

        return place;
    }

    /// <summary>Forgets a connection that is closed.</summary>
    public void Leave(ConnectionPlace place)
    {
        lock (_lock)
        {
            _places.Remove(place);
        }

        GiveRoom();
    }

    /// <summary>Answers 503 and closes the connection.</summary>
    public async Task RefuseAsync(ConnectionContext connection)
    {
        Interlocked.Increment(ref _refused);
        try
        {
            await connection.Transport.Output.WriteAsync(Refusal);
            // A connection that is closed while bytes lie unread is reset, and the answer may be lost with it.
            using var patience = new CancellationTokenSource(RefusalPatience, time);
            var read = await connection.Transport.Input.ReadAsync(patience.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // It sent nothing, or has left.
        }
        finally
        {
            try
            {
                await connection.DisposeAsync();
            }
            finally
            {
                GiveRoom();
            }
        }
    }

    // Each place is looked at twice at most: the first look takes its use.
    private ConnectionPlace? TakeIdle()
    {
        if (_fruitlessLook is { } last && time.GetElapsedTime(last) < LookPause)
        {
            return null;
        }

        for (var looks = 2 * _places.Count; looks > 0 && _places.First is { } node; looks--)
        {
            _places.RemoveFirst();
            if (!node.Value.TakeUse() && node.Value.TryClose())
            {
                return node.Value;
            }

            _places.AddLast(node);
        }

        _fruitlessLook = time.GetTimestamp();
        return null;
    }

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
