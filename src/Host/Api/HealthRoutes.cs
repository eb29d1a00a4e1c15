using Sluice.Engine.Journal;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>Alive, and ready: what a load balancer asks.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes, IJournal journal, Admission admission)
    {
        routes.MapGet("/healthz", () => Results.Text("alive\n"))
            .WithName("health").WithSummary("Whether the process lives")
            .Produces<string>(200, "text/plain");
        routes.MapGet("/readyz", () => Readiness(journal, admission))
            .WithName("readiness").WithSummary("Whether the host takes requests: the journal can be written, and it is not draining")
            .Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
    }

    private static IResult Readiness(IJournal journal, Admission admission) => (admission.IsDraining, journal.IsWritable) switch
    {
        (true, _) => Results.Text("draining\n", statusCode: StatusCodes.Status503ServiceUnavailable),
        (_, false) => Results.Text("the journal can't be written\n", statusCode: StatusCodes.Status503ServiceUnavailable),
        _ => Results.Text("ready\n"),
    };
}
