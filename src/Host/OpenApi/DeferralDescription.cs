using Microsoft.OpenApi;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.AsyncReplies;

namespace Sluice.Host.OpenApi;

/// <summary>What the document says of answers that come later: the header <c>Prefer</c> of every webhook, the 202 that it brings, and the status resource.</summary>
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
            Description = "`respond-async`, `wait=N` (seconds) or both, for a caller who does not want to wait (RFC 7240).",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
        document.AddComponent<IOpenApiSchema>(Schema, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A run that has no answer yet.",
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

    /// <summary>The 202 in the place of an answer.</summary>
    public static OpenApiResponse Response(OpenApiDocument document, string description) => new()
    {
        Description = description,
        Headers = new Dictionary<string, IOpenApiHeader>
        {
            ["Location"] = Text("The status resource, with the token that opens it."),
            ["Retry-After"] = Text("After how many seconds to ask."),
            [StatusLinks.AnswerHeader] = Text("`pending`"),
            [AnswerWriter.RunIdHeader] = Text("The run."),
        },
        Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchemaReference(Schema, document) } },
    };

    // With a dot, which no workflow's name has, so that the name is taken by none.
    private static OpenApiOperation Status(OpenApiDocument document) => new()
    {
        OperationId = "run.status",
        Summary = "The answer of a run, or how far it is",
        Description = "The address is the one in `Location` of a 202; it needs no other key than its token.",
        Parameters =
        [
            new OpenApiParameter { Name = "id", In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" } },
            new OpenApiParameter { Name = "token", In = ParameterLocation.Query, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            Preference(document),
        ],
        Responses = new OpenApiResponses
        {
            ["202"] = Response(document, "There is no answer yet"),
            ["404"] = ProblemSchema.Response(document, [Problems.NoStatus]),
            ["503"] = ProblemSchema.Response(document, [Problems.NotReadable]),
            ["default"] = new OpenApiResponse
            {
                Description = $"The answer, as the caller would have got it; `{StatusLinks.AnswerHeader}` is `final`",
                Headers = new Dictionary<string, IOpenApiHeader> { [StatusLinks.AnswerHeader] = Text("`final`") },
            },
        },
    };

    private static OpenApiHeader Text(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
