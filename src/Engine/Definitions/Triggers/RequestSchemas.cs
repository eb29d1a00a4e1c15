using System.Text.Json;
using Sluice.Engine.Schemas;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>The schemas of a webhook's requests, one per part of the trigger's output; null if a part has none.</summary>
internal sealed record RequestSchemas(JsonSchema? Body, JsonSchema? Query, JsonSchema? Headers, JsonSchema? Params)
{
    /// <summary>Returns all errors of a request; empty if it is valid.</summary>
    /// <param name="envelope">The trigger's output without the body.</param>
    /// <param name="body">The parsed body; ignored unless it has a schema.</param>
    public IReadOnlyList<RequestError> Check(JsonElement envelope, JsonElement body)
    {
        var errors = new List<RequestError>();
        Add("params", Params);
        Add("query", Query);
        Add("headers", Headers);
        errors.AddRange((Body?.Check(body) ?? []).Select(error => new RequestError("body", error)));
        return errors;

        void Add(string part, JsonSchema? schema) =>
            errors.AddRange((schema?.Check(envelope.GetProperty(part)) ?? []).Select(error => new RequestError(part, error)));
    }
}

/// <summary>A schema error of a request.</summary>
/// <param name="In">The part of the trigger's output: <c>body</c>, <c>query</c>, <c>headers</c> or <c>params</c>.</param>
/// <param name="Error">The error and its location in that part.</param>
internal sealed record RequestError(string In, SchemaError Error);
