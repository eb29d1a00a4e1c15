using Sluice.Host.Metrics;

namespace Sluice.Host.Api;

/// <summary><c>GET /metrics</c>, for a Prometheus server.</summary>
internal static class MetricsRoute
{
    public static void Map(IEndpointRouteBuilder routes, MetricsReader metrics) =>
        routes.MapGet("/metrics", () => Results.Text(metrics.Write(), "text/plain; version=0.0.4"))
            .WithName("metrics").WithSummary("Get metrics in the Prometheus text format")
            .Produces<string>(200, "text/plain");
}
