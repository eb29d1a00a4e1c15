using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Sluice.Host.Listening;

/// <summary>
/// Kestrel's socket transport behind a <see cref="ConnectionGate"/>. The gate stands where connections are accepted: Kestrel accepts without end what the thread
/// pool then works off, and its own bound comes only there.
/// </summary>
internal sealed class GatedTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets;
    private readonly ConnectionGate _gate;
    private readonly Func<RejectedSockets> _refused;
    private Socket? _bound;

    /// <param name="provider">What the web server is made of.</param>
    /// <param name="gate">Bounds the connections.</param>
    /// <param name="refused">Makes what answers those that find no place, for one listener.</param>
    public GatedTransport(IServiceProvider provider, ConnectionGate gate, Func<RejectedSockets> refused)
    {
        (_gate, _refused) = (gate, refused);
        var options = provider.GetRequiredService<IOptions<SocketTransportOptions>>();
        var create = options.Value.CreateBoundListenSocket;
        options.Value.CreateBoundListenSocket = endpoint => _bound = create(endpoint);
        _sockets = ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider, options);
    }

    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    // Kestrel binds one address after the other.
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await _sockets.BindAsync(endpoint, cancellationToken);
        return GatedListener.Start(listener, _bound!, _gate, _refused());
    }
}
