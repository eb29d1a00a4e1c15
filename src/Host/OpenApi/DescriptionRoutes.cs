using Sluice.Engine.Publishing;
using Sluice.Host.Configuration;

namespace Sluice.Host.OpenApi;

/// <summary>The routes that describe the others: two OpenAPI documents, and the page to read them on.</summary>
internal static class DescriptionRoutes
{
    public const string DocumentPath = "/api/openapi/{documentName}.json";
    public const string PagePath = "/api/docs";

    private const string DocumentType = "application/json";

    public static void Map(IEndpointRouteBuilder api, WebApplication app, WorkflowRegistry workflows, Func<string> server, bool hasKey)
    {
        // Whatever knows of OpenAPI is loaded by the first request for it, and costs the start of the host nothing.
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

    // A listener of all addresses has the one that the document was asked for at; one of a Unix socket is reached through a proxy, whose address nobody knows here.
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
