using Sluice.Engine.Journal;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;
using Sluice.Host.Listening;
using Sluice.Host.OpenApi;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary>All that the admin listener serves, behind the guard.</summary>
internal static class AdminApi
{
    public static void Map(WebApplication app, EngineRoom room, SluiceOptions options, Func<string> webhooks, ListenerConnections connections, TimeProvider time)
    {
        var guard = new AdminGuard(options.Admin.ApiKey);
        app.Use((HttpContext http, RequestDelegate next) =>
        {
            http.Response.Headers.XContentTypeOptions = BrowserPolicy.NoSniff;
            var refused = Framing.Refuse(http.Request) ?? (IsGuarded(http.Request.Path) ? guard.Refuse(http) : null);
            return refused?.WriteAsync(http) ?? PassAsync(http, next);
        });
        app.UseRouting();

        HealthRoutes.Map(Tagged(app, "Health"), room);
        MetricsRoute.Map(Tagged(app, "Health"), room, connections);
        var api = app.MapGroup("/api");
        WorkflowRoutes.Map(Tagged(api, "Workflows"), room.Workflows, room.Plugins, time);
        RunRoutes.Map(Tagged(api, "Runs"), room.Storage.Runs, room.Runner, room.Recovery, room.Secrets);
        RequestRoutes.Map(Tagged(api, "Requests"), room.Storage.Runs, room.Runner, room.Secrets);
        RefusalRoutes.Map(Tagged(api, "Requests"), room.Refusals, room.Storage.Refusals);
        PluginRoutes.Map(Tagged(api, "Plugins"), room.Plugins);
        LeakRoutes.Map(Tagged(api, "Plugins"), room.Plugins);
        DescriptionRoutes.Map(Tagged(api, "Description"), app, room.Workflows, ServerOf(options, webhooks), options.Admin.ApiKey is not null);
    }

    /// <summary>Whether the guard stands before a path.</summary>
    public static bool IsGuarded(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/metrics");

    // The webhooks have another address than the page that describes them.
    private static Func<string> ServerOf(SluiceOptions options, Func<string> webhooks) =>
        () => string.IsNullOrEmpty(options.Webhooks.PublicUrl) ? webhooks() : options.Webhooks.PublicUrl;

    private static RouteGroupBuilder Tagged(IEndpointRouteBuilder routes, string tag) => routes.MapGroup("").WithTags(tag);

    // The disk may be full when somebody publishes or cancels: that is no defect, and the caller is told what it is.
    private static async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        var place = http.Features.Get<ConnectionPlace>();
        if (place?.TryProtect() == false)
        {
            return;
        }

        try
        {
            await next(http);
        }
        catch (JournalUnavailableException) when (!http.Response.HasStarted)
        {
            await Problems.NotDurable.WriteAsync(http);
        }
        catch (BadHttpRequestException broken) when (!http.Response.HasStarted)
        {
            await Problems.Of(broken).WriteAsync(http);
        }
        finally
        {
            place?.Release();
        }
    }
}
