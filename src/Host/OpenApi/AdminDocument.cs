using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sluice.Host.Api;
using Sluice.Host.Webhooks;

namespace Sluice.Host.OpenApi;

/// <summary>The OpenAPI document of the admin API: what ASP.NET Core derives from the routes, plus what applies to all of them.</summary>
internal static class AdminDocument
{
    public const string Name = "admin";

    private const string Key = "api_key";

    /// <summary>Derives the schemas from the views as <see cref="ApiJson"/> serializes them.</summary>
    public static void Read(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.TypeInfoResolverChain.Insert(0, ApiJson.Readable);
    }

    public static void Configure(OpenApiOptions options, bool hasKey)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.CreateSchemaReferenceId = IdOf;
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<TakesText>().FirstOrDefault() is { } text)
            {
                operation.RequestBody = BodyOf(text);
            }

            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            Complete(document, hasKey);
            return Task.CompletedTask;
        });
    }

    private static string? IdOf(JsonTypeInfo type) => type.Type switch
    {
        var any when any == typeof(JsonElement) || any == typeof(JsonElement?) || any == typeof(object) => null,
        var problem when problem == typeof(ProblemDetails) => ProblemSchema.Id,
        var view when view.Namespace == typeof(ApiJson).Namespace && view.Name.EndsWith("View", StringComparison.Ordinal) => view.Name[..^"View".Length],
        _ => OpenApiOptions.CreateDefaultSchemaReferenceId(type),
    };

    private static OpenApiRequestBody BodyOf(TakesText text) => new()
    {
        Description = text.Description,
        Required = true,
        Content = text.ContentTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } }),
    };

    private static void Complete(OpenApiDocument document, bool hasKey)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Sluice: admin API",
            Version = ProductVersion.Text,
            Description = "Workflows, runs, requests and plugins of this host. Members that are null are included.",
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        ProblemSchema.AddTo(document);
        if (hasKey)
        {
            document.AddComponent<IOpenApiSecurityScheme>(Key, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The host's setting Admin:ApiKey.",
            });
        }

        foreach (var operation in document.Paths.Where(path => AdminApi.IsGuarded(path.Key)).SelectMany(path => path.Value.Operations!.Values))
        {
            Guard(operation, document, hasKey);
        }
    }

    private static void Guard(OpenApiOperation operation, OpenApiDocument document, bool hasKey)
    {
        var refused = hasKey ? AdminGuard.NoKey : AdminGuard.NotLocal;
        operation.Responses ??= [];
        operation.Responses.TryAdd(ProblemSchema.Key(refused.Status), ProblemSchema.Response(document, [refused]));
        operation.Responses.TryAdd(ProblemSchema.Key(503), ProblemSchema.Response(document, [Problems.NotDurable]));
        if (hasKey)
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, document)] = [] }];
        }
    }
}
