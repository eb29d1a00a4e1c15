using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Sluice.Host.Listening;

/// <summary>
/// Kestrel's socket transport behind a <see cref="ConnectionGate"/>. The gate stands where connections are accepted: Kestrel accepts without end what the thread
/// pool then works off, and its own bound comes only there.
/// </summary>
internal sealed class GatedTransport(SocketTransportFactory sockets, ConnectionGate gate) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new GatedListener(await sockets.BindAsync(endpoint, cancellationToken), gate);
}

/// <summary>A listener whose connections pass a <see cref="ConnectionGate"/>.</summary>
internal sealed class GatedListener(IConnectionListener listener, ConnectionGate gate) : IConnectionListener
{
    private readonly CancellationTokenSource _unbound = new();

    public EndPoint EndPoint => listener.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbound.Token);
        while (true)
        {
            try
            {
                await gate.TakeRoomAsync(end.Token);
            }
            catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
            {
                return null;
            }

            if (await AcceptOneAsync(cancellationToken) is not { } connection)
            {
                return null;
            }

            if (gate.Enter(connection) is { } place)
            {
                return place;
            }

            _ = gate.RefuseAsync(connection);
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        await listener.UnbindAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        _unbound.Dispose();
    }

    private async ValueTask<ConnectionContext?> AcceptOneAsync(CancellationToken cancellationToken)
    {
        ConnectionContext? connection = null;
        try
        {
            return connection = await listener.AcceptAsync(cancellationToken);
        }
        finally
        {
            if (connection is null)
            {
                gate.GiveRoom();
            }
        }
    }
}
