using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Sluice.Host.Tests.OpenApi;

public sealed class AdminDocumentTests(SharedHost shared)
{
    private const string Path = "/api/openapi/admin.json";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task Every_route_of_the_host_is_in_the_document_but_the_page_that_shows_it()
    {
        var (document, _) = await Description.ReadAsync(Host, Path);

        var routes = Host.Endpoints.OfType<RouteEndpoint>().ToLookup(route => route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null);
        Assert.Equal(
            routes[true].SelectMany(route => route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {route.RoutePattern.RawText}")).Order(),
            document.Paths.SelectMany(path => path.Value.Operations!.Keys.Select(method => $"{method} {path.Key}")).Order());
        Assert.Equal(["/api/docs/{**asset}"], routes[false].Select(route => route.RoutePattern.RawText));
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_a_summary_a_tag_and_an_answer_with_a_content()
    {
        var (document, _) = await Description.ReadAsync(Host, Path);

        var operations = document.Paths.SelectMany(path => path.Value.Operations!.Values).ToArray();
        Assert.Equal(operations.Length, operations.Select(operation => operation.OperationId).Where(id => !string.IsNullOrEmpty(id)).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.NotEmpty(operation.Summary!);
            Assert.Single(operation.Tags!);
            Assert.NotEmpty(operation.Responses!["200"].Content!);
        });
    }

    [Fact]
    public async Task The_schemas_are_those_of_the_views_as_they_are_written()
    {
        var (document, _) = await Description.ReadAsync(Host, Path);
        await Host.PublishAsync("described", "  - { key: answer, type: webhook_response }");
        var run = await Host.EndOfAsync(await Host.PostAsync("/hooks/described"));

        var schema = document.Components!.Schemas!["Run"];
        var members = run.EnumerateObject().Select(member => member.Name).ToArray();
        Assert.Equal(members, schema.Properties!.Keys);
        Assert.Equal(members.Order(), schema.Required!.Order());
        Assert.Equal(JsonSchemaType.String | JsonSchemaType.Null, schema.Properties["message"].Type);
        Assert.Equal(JsonSchemaType.Integer, schema.Properties["version"].Type);
        Assert.Equal(["type", "title", "status", "detail", "run_id", "errors"], document.Components.Schemas["Problem"].Properties!.Keys);
    }

    [Fact]
    public async Task A_list_s_query_and_a_put_s_body_are_described()
    {
        var (document, _) = await Description.ReadAsync(Host, Path);

        var list = document.Paths["/api/runs"].Operations![HttpMethod.Get];
        Assert.Equal(["workflow", "status", "limit", "before"], list.Parameters!.Select(parameter => parameter.Name));
        Assert.All(list.Parameters!, parameter => Assert.False(parameter.Required));
        var put = document.Paths["/api/workflows/{name}"].Operations![HttpMethod.Put];
        Assert.Equal(["application/yaml", "application/json"], put.RequestBody!.Content!.Keys);
        Assert.Contains("422", put.Responses!.Keys);
    }

    [Fact]
    public async Task With_a_key_the_documents_and_the_page_ask_for_it_and_the_document_says_so()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Admin:ApiKey", "let-me-in"));
        foreach (var path in new[] { Path, "/api/openapi/webhooks.json", "/api/docs/", "/api/docs/scalar.js" })
        {
            (await host.GetAsync(path)).IsProblem(401, "no-api-key", hasRun: false);
        }

        host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "let-me-in");
        var (document, _) = await Description.ReadAsync(host, Path);

        Assert.Equal("bearer", document.Components!.SecuritySchemes!["api_key"].Scheme);
        Assert.NotEmpty(document.Paths["/metrics"].Operations![HttpMethod.Get].Security!);
        Assert.Contains("401", document.Paths["/api/runs"].Operations![HttpMethod.Get].Responses!.Keys);
        Assert.Null(document.Paths["/healthz"].Operations![HttpMethod.Get].Security);
        Assert.Equal(200, (await host.GetAsync("/api/docs/")).Status);
    }
}
