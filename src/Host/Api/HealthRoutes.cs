using Sluice.Engine.Plugins;
using Sluice.Engine.Storage;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>The liveness and readiness probes, which both listeners serve.</summary>
internal static class HealthRoutes
{
    public const string Alive = "/healthz";
    public const string Ready = "/readyz";

    public static void Map(IEndpointRouteBuilder routes, IServiceProvider services)
    {
        routes.MapGet(Alive, Liveness)
            .WithName("health").WithSummary("Check that the process is alive")
            .Produces<string>(200, "text/plain");
        routes.MapGet(Ready, () => Readiness(services))
            .WithName("readiness").WithSummary("Check that the host can take requests: the journal is writable, it is not draining, and plugin management is not stuck")
            .Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
    }

    public static IResult Liveness() => Results.Text("alive\n");

    public static IResult Readiness(IServiceProvider services)
    {
        var (admission, queue, plugins) = (services.GetRequiredService<Admission>(), services.GetRequiredService<IStorage>().Queue, services.GetRequiredService<PluginHost>());
        return (admission.IsDraining, queue.IsWritable, plugins.IsStuck) switch
        {
            (true, _, _) => Results.Text("draining\n", statusCode: StatusCodes.Status503ServiceUnavailable),
            (_, false, _) => Results.Text("the journal cannot be written\n", statusCode: StatusCodes.Status503ServiceUnavailable),
            (_, _, true) => Results.Text("plugin management is stuck\n", statusCode: StatusCodes.Status503ServiceUnavailable),
            _ => Results.Text("ready\n"),
        };
    }
}
