using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage;
using Sluice.Host.Configuration;
using Sluice.Host.Listening;
using Sluice.Host.Metrics;
using Sluice.Host.OpenApi;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Api;

/// <summary>Maps everything that the admin listener serves, behind the guard.</summary>
internal static class AdminApi
{
    public static void Map(WebApplication app, IServiceProvider services, SluiceOptions options, Func<string> webhooks, TimeProvider time)
    {
        var guard = new AdminGuard(options.Admin.ApiKey);
        app.Use((HttpContext http, RequestDelegate next) =>
        {
            http.Response.Headers.XContentTypeOptions = BrowserPolicy.NoSniff;
            var refused = Framing.Refuse(http.Request) ?? (IsGuarded(http.Request.Path) ? guard.Refuse(http) : null);
            return refused?.WriteAsync(http) ?? PassAsync(http, next);
        });
        app.UseRouting();

        var (workflows, plugins, runner) = (services.GetRequiredService<WorkflowRegistry>(), services.GetRequiredService<PluginHost>(), services.GetRequiredService<Runner>());
        var (storage, secrets) = (services.GetRequiredService<IStorage>(), services.GetRequiredService<ISecrets>());
        HealthRoutes.Map(Tagged(app, "Health"), services);
        MetricsRoute.Map(Tagged(app, "Health"), services.GetRequiredService<MetricsReader>());
        var api = app.MapGroup("/api");
        WorkflowRoutes.Map(Tagged(api, "Workflows"), workflows, plugins, time);
        RunRoutes.Map(Tagged(api, "Runs"), storage.Runs, runner, services.GetRequiredService<RunRecovery>(), secrets);
        RequestRoutes.Map(Tagged(api, "Requests"), storage.Runs, runner, secrets);
        RejectionRoutes.Map(Tagged(api, "Requests"), services.GetRequiredService<RejectionLog>(), storage.Rejections);
        PluginRoutes.Map(Tagged(api, "Plugins"), plugins);
        LeakRoutes.Map(Tagged(api, "Plugins"), plugins);
        DescriptionRoutes.Map(Tagged(api, "Description"), app, workflows, ServerOf(options, webhooks), options.Admin.ApiKey is not null);
    }

    /// <summary>Whether the guard protects a path.</summary>
    public static bool IsGuarded(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/metrics");

    // Webhooks have another origin than the page that describes them.
    private static Func<string> ServerOf(SluiceOptions options, Func<string> webhooks) =>
        () => string.IsNullOrEmpty(options.Webhooks.PublicUrl) ? webhooks() : options.Webhooks.PublicUrl;

    private static RouteGroupBuilder Tagged(IEndpointRouteBuilder routes, string tag) => routes.MapGroup("").WithTags(tag);

    // A full disk while publishing or cancelling is not a defect: the response names the cause.
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
