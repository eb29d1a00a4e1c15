using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.OpenApi;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Publishing;
using Sluice.Engine.Schemas;

namespace Sluice.Host.OpenApi;

/// <summary>Describes a request to one webhook, and its possible responses.</summary>
internal sealed class WebhookOperation
{
    // The types if the trigger lists none. With a schema a body may still have another type, but a schema suggests JSON.
    private static readonly ImmutableArray<string> Json = ["application/json"];
    private static readonly ImmutableArray<string> AnyBody = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "*/*"];

    // OpenAPI 3.1, Parameter Object: headers with these names are described elsewhere, and ignored as parameters.
    private static readonly ImmutableArray<string> NoParameters = ["accept", "content-type", "authorization"];

    private readonly WorkflowState _workflow;
    private readonly OpenApiDocument _document;
    private readonly WebhookTrigger? _trigger;
    private readonly OpenApiSecurityRequirement? _security;
    private readonly IOpenApiSchema? _body;

    public WebhookOperation(WorkflowState workflow, OpenApiDocument document)
    {
        _workflow = workflow;
        _document = document;
        _trigger = workflow.Compiled?.Webhook;
        _security = _trigger?.Auth is { } auth ? WebhookSecurity.AddTo(document, workflow.Stored.Name, auth) : null;
        _body = _trigger?.Request?.Body is { } body ? SchemaComponent.AddTo(document, $"{workflow.Stored.Name}.body", body) : null;
    }

    /// <param name="method">One of the trigger's methods.</param>
    /// <param name="parameters">The names of the path parameters in the document, in order.</param>
    public OpenApiOperation Of(string method, ImmutableArray<string> parameters)
    {
        var operation = new OpenApiOperation
        {
            OperationId = _workflow.Route!.Methods.Length == 1 ? _workflow.Stored.Name : $"{_workflow.Stored.Name}.{method.ToLowerInvariant()}",
            Summary = _workflow.Stored.Name,
            Description = Description(),
            Parameters = [.. PathParameters(parameters), .. Parameters("query", _trigger?.Request?.Query), .. HeaderParameters()],
            Responses = WebhookAnswers.Of(_workflow, TakesBody(method), _document),
        };
        if (TakesBody(method))
        {
            operation.RequestBody = Body();
        }

        if (_security is not null)
        {
            operation.Security = [_security];
        }

        return operation;
    }

    // RFC 9110, section 9.3: with other methods a body has no meaning unless the workflow gives it one.
    private bool TakesBody(string method) => method is "POST" or "PUT" or "PATCH" || (method is "DELETE" && _body is not null);

    private string? Description()
    {
        var description = _workflow.Compiled?.Definition.Description;
        return _workflow.Held is { } held ? $"{description}\n\nHeld: {held.Reason}".Trim() : description;
    }

    private OpenApiRequestBody Body()
    {
        var types = _trigger?.Body?.Accept is { IsEmpty: false } accepted ? accepted : _body is null ? AnyBody : Json;
        return new OpenApiRequestBody { Required = _body is not null, Content = types.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = _body }) };
    }

    private IEnumerable<OpenApiParameter> PathParameters(ImmutableArray<string> names)
    {
        var own = _workflow.Route!.Pattern.Parameters.ToArray();
        var schemas = Members(_trigger?.Request?.Params);
        return names.Select((name, index) => new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Path,
            Required = true,
            Schema = schemas.TryGetValue(own[index], out var schema) ? new WrittenSchema(schema) : new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }

    private static IEnumerable<OpenApiParameter> Parameters(string part, JsonSchema? schema)
    {
        var required = Required(schema);
        return Members(schema).Where(member => part == "query" || !NoParameters.Contains(member.Key)).Select(member => new OpenApiParameter
        {
            Name = member.Key,
            In = part == "query" ? ParameterLocation.Query : ParameterLocation.Header,
            Required = required.Contains(member.Key),
            Schema = new WrittenSchema(member.Value),
        });
    }

    private IEnumerable<IOpenApiParameter> HeaderParameters()
    {
        var named = Parameters("headers", _trigger?.Request?.Headers).ToArray();
        var own = _trigger is null ? [] : KeyHeaders(_trigger.Idempotency ?? IdempotencySettings.Default);
        return
        [
            .. named,
            .. own.Where(header => !named.Any(other => header.Name!.Equals(other.Name, StringComparison.OrdinalIgnoreCase))),
            DeferralDescription.Preference(_document),
        ];
    }

    // With several sources, a required key may also come in another header or in the body.
    private static IEnumerable<OpenApiParameter> KeyHeaders(IdempotencySettings keys) =>
        keys.Sources.Where(source => source.Header is not null).Select(source => new OpenApiParameter
        {
            Name = source.Header,
            In = ParameterLocation.Header,
            Required = keys.IsRequired && keys.Sources.Length == 1,
            Description = "The idempotency key: one run, however often the request is sent.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    // The members that the schema names, in `properties` or only in `required`. A reference does not resolve outside the whole schema, so a
    // member that has one may be anything here.
    private static Dictionary<string, JsonElement> Members(JsonSchema? schema)
    {
        var members = Required(schema).ToDictionary(name => name, _ => JsonElement.Parse("{}"));
        if (schema?.Source is { ValueKind: JsonValueKind.Object } source && source.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                members[property.Name] = SchemaComponent.HasReferences(property.Value) ? JsonElement.Parse("{}") : property.Value;
            }
        }

        return members;
    }

    private static ImmutableHashSet<string> Required(JsonSchema? schema) =>
        schema?.Source is { ValueKind: JsonValueKind.Object } source && source.TryGetProperty("required", out var names)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : [];
}
