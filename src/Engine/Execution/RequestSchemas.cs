using System.Text.Json;
using Sluice.Engine.Schemas;

namespace Sluice.Engine.Execution;

/// <summary>The schemas that a webhook holds its requests against, by the part of the trigger's output that each speaks of; null where there is none.</summary>
internal sealed record RequestSchemas(JsonSchema? Body, JsonSchema? Query, JsonSchema? Headers, JsonSchema? Params)
{
    /// <summary>All that is wrong with a request; empty where it fits.</summary>
    public IReadOnlyList<RequestError> Check(TriggerData request)
    {
        var errors = new List<RequestError>();
        Add("params", Params, request.Envelope);
        Add("query", Query, request.Envelope);
        Add("headers", Headers, request.Envelope);
        errors.AddRange((Body?.Check(request.Body) ?? []).Select(error => new RequestError("body", error)));
        return errors;

        void Add(string part, JsonSchema? schema, JsonElement envelope) =>
            errors.AddRange((schema?.Check(envelope.GetProperty(part)) ?? []).Select(error => new RequestError(part, error)));
    }
}

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="In">The part of the trigger's output: <c>body</c>, <c>query</c>, <c>headers</c> or <c>params</c>.</param>
/// <param name="Error">What is wrong, and where in that part.</param>
internal sealed record RequestError(string In, SchemaError Error);
