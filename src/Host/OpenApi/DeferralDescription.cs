using Microsoft.OpenApi;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.AsyncReplies;

namespace Sluice.Host.OpenApi;

/// <summary>
/// Describes asynchronous replies: the header <c>Prefer</c> of every webhook, the resulting 202, and the status resource.
/// </summary>
internal static class DeferralDescription
{
    public const string Header = "Prefer";

    private const string Schema = "Pending";

    public static void AddTo(OpenApiDocument document)
    {
        document.AddComponent<IOpenApiParameter>(Header, new OpenApiParameter
        {
            Name = Header,
            In = ParameterLocation.Header,
            Description = "`respond-async`, `wait=N` (seconds) or both, for a caller that does not want to wait (RFC 7240).",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        document.AddComponent<IOpenApiSchema>(Schema, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A run without a response yet.",
            Required = new HashSet<string> { "run_id", "status", "location" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["run_id"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The state of the run." },
                ["location"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The address of the status resource." },
            },
        });
        document.Paths.Add($"{StatusLinks.Prefix}/{{id}}", new OpenApiPathItem { Operations = new() { [HttpMethod.Get] = Status(document) } });
    }

    public static IOpenApiParameter Preference(OpenApiDocument document) => new OpenApiParameterReference(Header, document);

    /// <summary>Describes the 202 that replaces a reply.</summary>
    public static OpenApiResponse Response(OpenApiDocument document, string description) => new()
    {
        Description = description,
        Headers = new Dictionary<string, IOpenApiHeader>
        {
            ["Location"] = Text("The status resource, with its access token."),
            ["Retry-After"] = Text("The seconds to wait before asking."),
            [StatusLinks.AnswerHeader] = Text("`pending`"),
            [AnswerWriter.RunIdHeader] = Text("The run."),
        },
        Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchemaReference(Schema, document) } },
    };

    // The dot keeps it apart from workflow names, which have none.
    private static OpenApiOperation Status(OpenApiDocument document) => new()
    {
        OperationId = "run.status",
        Summary = "Get the response of a run, or its status",
        Description = "Use the address in `Location` of a 202; its token is the only credential.",
        Parameters =
        [
            new OpenApiParameter { Name = "id", In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" } },
            new OpenApiParameter { Name = "token", In = ParameterLocation.Query, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            Preference(document),
        ],
        Responses = new OpenApiResponses
        {
            ["202"] = Response(document, "There is no response yet"),
            ["404"] = ProblemSchema.Response(document, [Problems.NoStatus]),
            ["503"] = ProblemSchema.Response(document, [Problems.NotReadable]),
            ["default"] = new OpenApiResponse
            {
                Description = $"The response, as the caller would have received it; `{StatusLinks.AnswerHeader}` is `final`",
                Headers = new Dictionary<string, IOpenApiHeader> { [StatusLinks.AnswerHeader] = Text("`final`") },
            },
        },
    };

    private static OpenApiHeader Text(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
