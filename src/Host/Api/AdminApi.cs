using Sluice.Engine.Journal;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>All routes that are not webhooks, behind the guard.</summary>
internal static class AdminApi
{
    public static void Map(WebApplication app, EngineRoom room, SluiceOptions options)
    {
        var guard = new AdminGuard(options.Admin.ApiKey);
        app.Use((HttpContext http, RequestDelegate next) =>
            IsGuarded(http.Request.Path) && guard.Refuse(http) is { } refused ? refused.WriteAsync(http) : PassAsync(http, next));
        app.UseRouting();

        HealthRoutes.Map(app, room.Journal, room.Admission);
        MetricsRoute.Map(app, room);
        var api = app.MapGroup("/api");
        PluginRoutes.Map(api, room.Plugins);
        LeakRoutes.Map(api, room.Plugins);
        WorkflowRoutes.Map(api, room.Workflows, room.Plugins);
        RunRoutes.Map(api, room.Journal, room.Runner, room.Recovery);
        RequestRoutes.Map(api, room.Journal, room.Runner, room.Secrets);
        RefusalRoutes.Map(api, room.Refusals, room.Database.Refusals);
    }

    // The disk may be full when somebody publishes or cancels: that is no defect, and the caller is told what it is.
    private static async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (JournalUnavailableException) when (!http.Response.HasStarted)
        {
            await Problems.NotDurable.WriteAsync(http);
        }
    }

    private static bool IsGuarded(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/metrics");
}
