using Sluice.Engine.Journal;
using Sluice.Engine.Storage;
using Sluice.Host.Api;
using Sluice.Host.Listening;
using Sluice.Host.Webhooks.AsyncReplies;

namespace Sluice.Host.Webhooks;

/// <summary>Maps everything that the public listener serves: webhooks, the status of runs, and health probes.</summary>
internal sealed class PublicListener(IServiceProvider services)
{
    private readonly ICommitQueue _queue = services.GetRequiredService<IStorage>().Queue;
    private readonly WebhookEndpoint _webhooks = services.GetRequiredService<WebhookEndpoint>();
    private readonly StatusEndpoint _status = services.GetRequiredService<StatusEndpoint>();

    // A pipelined request starts where the one before it was completed: on the thread that all commits wait for.
    public Task HandleAsync(HttpContext http) => _queue.IsWriterThread ? ElsewhereAsync(http) : RouteAsync(http);

    // Webhooks have a router of their own, because workflows change it while the host runs.
    private Task RouteAsync(HttpContext http)
    {
        http.Features.Get<ConnectionPlace>()?.BeginRequest(hasBody: http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0);
        http.Response.Headers.XContentTypeOptions = BrowserPolicy.NoSniff;
        if (Framing.Refuse(http.Request) is { } refused)
        {
            return refused.WriteAsync(http);
        }

        var path = http.Request.Path;
        if (path.StartsWithSegments(WebhookEndpoint.Prefix, StringComparison.Ordinal))
        {
            return _webhooks.HandleAsync(http);
        }

        return path.StartsWithSegments(StatusLinks.Prefix, StringComparison.Ordinal) ? _status.HandleAsync(http) : OtherAsync(http, path);
    }

    private Task OtherAsync(HttpContext http, PathString path)
    {
        var health = path.Value switch
        {
            HealthRoutes.Alive => HealthRoutes.Liveness(),
            HealthRoutes.Ready => HealthRoutes.Readiness(services),
            _ => null,
        };
        if (health is null)
        {
            return Problems.NothingHere.WriteAsync(http);
        }

        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return Problems.MethodNotAllowed(["GET", "HEAD"]).WriteAsync(http);
        }

        return health.ExecuteAsync(http);
    }

    private async Task ElsewhereAsync(HttpContext http)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await RouteAsync(http);
    }
}
