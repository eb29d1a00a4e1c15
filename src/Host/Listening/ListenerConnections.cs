namespace Sluice.Host.Listening;

/// <summary>The open connections of both listeners: each has places of its own, so that a full public listener leaves the admin API reachable.</summary>
internal sealed record ListenerConnections(ConnectionGate Webhooks, ConnectionGate Admin)
{
    public static ListenerConnections Of(FileLimit limit, TimeProvider time) => new(
        new ConnectionGate(limit.Webhooks, FileLimit.WebhookSlack, time, IsBehind), new ConnectionGate(limit.Admin, FileLimit.AdminSlack, time, IsBehind));

    private static bool IsBehind() => ThreadPool.PendingWorkItemCount > 2 * Environment.ProcessorCount;
}
