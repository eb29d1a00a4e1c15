using System.Text.Json;
using Sluice.Engine.Schemas;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>The schemas that a webhook holds its requests against, by the part of the trigger's output that each speaks of; null where there is none.</summary>
internal sealed record RequestSchemas(JsonSchema? Body, JsonSchema? Query, JsonSchema? Headers, JsonSchema? Params)
{
    /// <summary>All that is wrong with a request; empty where it fits.</summary>
    /// <param name="envelope">The trigger's output without the body.</param>
    /// <param name="body">The parsed body; not looked at unless there is a schema of it.</param>
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

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="In">The part of the trigger's output: <c>body</c>, <c>query</c>, <c>headers</c> or <c>params</c>.</param>
/// <param name="Error">What is wrong, and where in that part.</param>
internal sealed record RequestError(string In, SchemaError Error);
