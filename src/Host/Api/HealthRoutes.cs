using Sluice.Engine.Journal;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>Alive, and ready: what a load balancer asks.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes, IJournal journal, Admission admission)
    {
        routes.MapGet("/healthz", () => Results.Text("alive\n"));
        routes.MapGet("/readyz", () => Readiness(journal, admission));
    }

    private static IResult Readiness(IJournal journal, Admission admission) => (admission.IsDraining, journal.IsWritable) switch
    {
        (true, _) => Results.Text("draining\n", statusCode: StatusCodes.Status503ServiceUnavailable),
        (_, false) => Results.Text("the journal can't be written\n", statusCode: StatusCodes.Status503ServiceUnavailable),
        _ => Results.Text("ready\n"),
    };
}
