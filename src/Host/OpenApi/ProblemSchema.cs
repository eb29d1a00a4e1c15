using System.Globalization;
using Microsoft.OpenApi;
using Sluice.Host.Webhooks;

namespace Sluice.Host.OpenApi;

/// <summary>Describes problems (RFC 9457) as <see cref="HttpProblem"/> serializes them, for both documents.</summary>
internal static class ProblemSchema
{
    public const string Id = "Problem";

    public static void AddTo(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[Id] = Make();
    }

    /// <summary>Describes the response with one of these problems, which share a status.</summary>
    public static OpenApiResponse Response(OpenApiDocument document, IReadOnlyList<HttpProblem> problems)
    {
        var response = new OpenApiResponse
        {
            Description = string.Join("; ", problems.Select(problem => $"{problem.Title} (`{problem.Type}`)")),
            Content = new Dictionary<string, OpenApiMediaType> { [HttpProblem.ContentType] = new() { Schema = new OpenApiSchemaReference(Id, document) } },
        };
        if (problems.Any(problem => problem.RetryAfterSeconds is not null))
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Retry-After"] = new OpenApiHeader { Description = "The seconds to wait before trying again.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
            };
        }

        return response;
    }

    public static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    private static OpenApiSchema Make() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "A problem (RFC 9457).",
        Required = new HashSet<string> { "type", "title", "status", "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("Which problem: `urn:sluice:problem:…`."),
            ["title"] = Text("The same for every problem of the type."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
            ["detail"] = Text("What happened, and how to fix it."),
            ["run_id"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid", Description = "The run, if one started." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "All errors in the request, if there is more than the detail says.",
                Items = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Required = new HashSet<string> { "in", "path", "message" },
                    Properties = new Dictionary<string, IOpenApiSchema>
                    {
                        ["in"] = Text("The part of the request: `body`, `query`, `headers` or `params`."),
                        ["path"] = Text("The place in that part: a JSON Pointer (RFC 6901)."),
                        ["message"] = Text("What is wrong there."),
                    },
                },
            },
        },
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
