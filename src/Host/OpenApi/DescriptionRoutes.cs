using Sluice.Engine.Publishing;
using Sluice.Host.Configuration;

namespace Sluice.Host.OpenApi;

/// <summary>The routes of the API descriptions: two OpenAPI documents, and a page to read them.</summary>
internal static class DescriptionRoutes
{
    public const string DocumentPath = "/api/openapi/{documentName}.json";
    public const string PagePath = "/api/docs";

    private const string DocumentType = "application/json";

    public static void Map(IEndpointRouteBuilder api, WebApplication app, WorkflowRegistry workflows, Func<string> server, bool hasKey)
    {
        // Everything about OpenAPI is loaded by the first request for it, so it does not slow down the start.
        var description = new Lazy<DescriptionApp>(() => new DescriptionApp(app.Services, hasKey));
        app.Lifetime.ApplicationStopped.Register(() => Close(description));
        api.MapGet("/openapi/admin.json", (HttpContext http, CancellationToken cancellationToken) => AdminAsync(description.Value, cancellationToken))
            .WithName("describeAdmin").WithSummary("This document: the admin API as OpenAPI 3.1")
            .Produces<object>(200, DocumentType);
        api.MapGet("/openapi/webhooks.json", (HttpContext http, CancellationToken cancellationToken) => WebhooksAsync(workflows, ServerOf(server(), http.Request), cancellationToken))
            .WithName("describeWebhooks").WithSummary("The webhooks of the published workflows as OpenAPI 3.1")
            .Produces<object>(200, DocumentType);
        api.MapGet("/docs/{**asset}", (HttpContext http) => description.Value.HandleAsync(http)).ExcludeFromDescription();
    }

    // A listener on all addresses uses the address of this request. A Unix socket is reached through a proxy whose address is unknown here.
    public static string ServerOf(string listener, HttpRequest request) => ReachableAddress.Of(listener, request.Host.HasValue ? request.Host.Host : "127.0.0.1") ?? "/";

    private static async Task<IResult> AdminAsync(DescriptionApp description, CancellationToken cancellationToken) =>
        Results.Bytes(await DocumentText.WriteAsync(await description.AdminAsync(cancellationToken), cancellationToken), DocumentType);

    private static async Task<IResult> WebhooksAsync(WorkflowRegistry workflows, string server, CancellationToken cancellationToken) =>
        Results.Bytes(await DocumentText.WriteAsync(WebhookDocument.Of(workflows.All(), server), cancellationToken), DocumentType);

    private static void Close(Lazy<DescriptionApp> description)
    {
        if (description.IsValueCreated)
        {
            description.Value.Dispose();
        }
    }
}
