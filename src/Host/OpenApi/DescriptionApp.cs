using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Sluice.Host.Api;

namespace Sluice.Host.OpenApi;

/// <summary>
/// A small application beside the host's, with its own services: ASP.NET Core's OpenAPI over the host's routes, and Scalar's page. The
/// packages must be registered before a host starts, which would slow down every start.
/// </summary>
internal sealed class DescriptionApp : IDisposable
{
    // The page is served by the host alone and connects only to it; resources from elsewhere are blocked.
    private const string ContentPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'";

    private readonly ServiceProvider _services;
    private readonly RequestDelegate _page;

    public DescriptionApp(IServiceProvider host, bool hasKey)
    {
        var services = new ServiceCollection();
        services.AddSingleton(host.GetRequiredService<ILoggerFactory>());
        services.AddSingleton(host.GetRequiredService<IHostEnvironment>());
        services.AddSingleton(host.GetRequiredService<IWebHostEnvironment>());
        services.AddSingleton(host.GetRequiredService<System.Diagnostics.DiagnosticListener>());
        services.AddSingleton(host.GetRequiredService<EndpointDataSource>());
        services.AddLogging();
        services.AddRouting();
        services.ConfigureHttpJsonOptions(json => AdminDocument.Read(json.SerializerOptions));
        services.AddOpenApi(AdminDocument.Name, options => AdminDocument.Configure(options, hasKey));
        _services = services.BuildServiceProvider();

        var page = new ApplicationBuilder(_services);
        page.UseRouting();
        page.UseEndpoints(routes => routes.MapScalarApiReference(DescriptionRoutes.PagePath, SetUp));
        _page = page.Build();
    }

    /// <summary>Creates the document of the admin API from the routes that the host mapped.</summary>
    public async Task<OpenApiDocument> AdminAsync(CancellationToken cancellationToken)
    {
        await using var scope = _services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(AdminDocument.Name).GetOpenApiDocumentAsync(cancellationToken);
    }

    /// <summary>Serves the page or one of its files.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        await using var scope = _services.CreateAsyncScope();
        var services = http.RequestServices;
        http.RequestServices = scope.ServiceProvider;
        // The host's router has already matched this route; the application's own must match again.
        http.SetEndpoint(null);
        http.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        try
        {
            await _page(http);
        }
        finally
        {
            http.RequestServices = services;
        }
    }

    public void Dispose() => _services.Dispose();

    private static void SetUp(ScalarOptions options)
    {
        options.Title = "Sluice";
        options.OpenApiRoutePattern = DescriptionRoutes.DocumentPath;
        options
            .AddDocument(WebhookDocument.Name, "Webhooks", isDefault: true)
            .AddDocument(AdminDocument.Name, "Admin API")
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .DisableDefaultFonts()
            .HideDeveloperTools()
            .HideClientButton()
            .WithDynamicBaseServerUrl();
    }
}
