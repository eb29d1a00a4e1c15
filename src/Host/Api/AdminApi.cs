using Sluice.Host.Composition;
using Sluice.Host.Configuration;

namespace Sluice.Host.Api;

/// <summary>All routes that are not webhooks, behind the guard.</summary>
internal static class AdminApi
{
    public static void Map(WebApplication app, EngineRoom room, SluiceOptions options)
    {
        var guard = new AdminGuard(options.Admin.ApiKey);
        app.Use((HttpContext http, RequestDelegate next) =>
            IsGuarded(http.Request.Path) && guard.Refuse(http) is { } refused ? refused.WriteAsync(http) : next(http));
        app.UseRouting();

        HealthRoutes.Map(app, room.Journal, room.Admission);
        MetricsRoute.Map(app, room);
        var api = app.MapGroup("/api");
        PluginRoutes.Map(api, room.Plugins);
        WorkflowRoutes.Map(api, room.Workflows);
        RunRoutes.Map(api, room.Journal, room.Runner, room.Recovery);
    }

    private static bool IsGuarded(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/metrics");
}
