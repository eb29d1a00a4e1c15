using System.Diagnostics.Metrics;
using Sluice.Engine.Metrics;
using Sluice.Host.Listening;

namespace Sluice.Host.Metrics;

/// <summary>Creates the instruments that observe the connections of both listeners.</summary>
internal static class ConnectionMetrics
{
    public static void Observe(EngineMetrics metrics, ListenerConnections connections)
    {
        metrics.Meter.CreateObservableGauge("sluice.connections", () => Both(connections, gate => gate.Count), null, "Open connections, by listener.");
        metrics.Meter.CreateObservableCounter(
            "sluice.connections.closed", () => Both(connections, gate => gate.Closed), null, "Idle connections that were closed for new ones, by listener.");
        metrics.Meter.CreateObservableCounter(
            "sluice.connections.refused", () => Both(connections, gate => gate.Refused), null, "Connections that were rejected with 503, by listener.");
    }

    private static Measurement<long>[] Both(ListenerConnections connections, Func<ConnectionGate, long> count) =>
    [
        new(count(connections.Webhooks), new KeyValuePair<string, object?>("listener", "webhooks")),
        new(count(connections.Admin), new KeyValuePair<string, object?>("listener", "admin")),
    ];
}
