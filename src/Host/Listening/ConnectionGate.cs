using Microsoft.AspNetCore.Connections;

namespace Sluice.Host.Listening;

/// <summary>
/// Bounds the open connections of a listener. At the bound a new one takes the place of one that waits for a request; without such a one it is refused.
/// </summary>
/// <remarks>
/// A caller that opens connections and sends nothing, or a request drop by drop, holds only places that others can take. The connection to close is the one that
/// has served nothing for longest, by the CLOCK algorithm: each request gives its connection a second chance. A connection also has a moment for its first
/// request: among thousands of newcomers none would be served if each took the place of the one before.
/// </remarks>
/// <param name="most">The most connections that have a place.</param>
/// <param name="slack">How many more may be open for a moment: those that are being closed.</param>
/// <param name="time">Tells how long a connection is open.</param>
/// <param name="isBehind">Whether the host has more work than it can begin now.</param>
internal sealed class ConnectionGate(int most, int slack, TimeProvider time, Func<bool>? isBehind = null)
{
    /// <summary>How long a connection has for its first request.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    /// <summary>The same while the host is behind. It bounds how much more work the newcomers bring.</summary>
    public static readonly TimeSpan GraceBehind = TimeSpan.FromMilliseconds(500);

    // A look at ten thousand places takes a millisecond, and strangers can connect thousands of times a second.
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly LinkedList<ConnectionPlace> _places = new();
    private int _reserved;
    private int _open;
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

    /// <summary>How many were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>
    /// Reserves a place for a connection that is about to be accepted, another's if all are taken. False if there is none: every connection serves a
    /// request or is new, or too many are still being closed.
    /// </summary>
    public bool TryReserve()
    {
        ConnectionPlace? idle = null;
        lock (_lock)
        {
            if (_open >= most + slack || (_places.Count + _reserved >= most && (idle = TakeIdle()) is null))
            {
                Interlocked.Increment(ref _refused);
                return false;
            }

            _reserved++;
            _open++;
        }

        if (idle is not null)
        {
            Interlocked.Increment(ref _closed);
            idle.CloseForAnother();
        }

        return true;
    }

    /// <summary>Gives an accepted connection the place that was reserved for it.</summary>
    public ConnectionPlace Enter(ConnectionContext connection)
    {
        var place = new ConnectionPlace(connection, this, time);
        lock (_lock)
        {
            _reserved--;
            _places.AddLast(place.Node);
        }

        return place;
    }

    /// <summary>Gives a reserved place back: no connection was accepted.</summary>
    public void GiveBack()
    {
        lock (_lock)
        {
            _reserved--;
            _open--;
        }
    }

    /// <summary>Forgets a connection that is closed.</summary>
    public void Leave(ConnectionPlace place)
    {
        lock (_lock)
        {
            if (place.Node.List is not null)
            {
                _places.Remove(place.Node);
            }

            _open--;
        }
    }

    // Each place is looked at twice at most: the first look takes its use.
    private ConnectionPlace? TakeIdle()
    {
        if (_fruitlessLook is { } last && time.GetElapsedTime(last) < LookPause)
        {
            return null;
        }

        var now = time.GetTimestamp();
        var grace = isBehind?.Invoke() == true ? GraceBehind : Grace;
        for (var looks = 2 * _places.Count; looks > 0 && _places.First is { } node; looks--)
        {
            _places.RemoveFirst();
            if (!node.Value.TakeUse() && time.GetElapsedTime(node.Value.Since, now) >= grace && node.Value.TryClose())
            {
                return node.Value;
            }

            _places.AddLast(node);
        }

        _fruitlessLook = now;
        return null;
    }
}
