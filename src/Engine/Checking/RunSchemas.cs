using System.Text.Json;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Schemas;

namespace Sluice.Engine.Checking;

/// <summary>The schemas of the roots that every workflow has: <c>trigger</c>, <c>run</c>, and steps with their outputs.</summary>
internal static class RunSchemas
{
    public static readonly ValueSchema Run = Read("""
        {"type":"object","additionalProperties":false,"properties":{
            "id":{"type":"string"},"workflow":{"type":"string"},"version":{"type":"integer"},"started_at":{"type":"string"}}}
        """);

    private static readonly ValueSchema Text = Read("""{"type":"string"}""");
    private static readonly ValueSchema TextOrNull = Read("""{"type":["string","null"]}""");
    private static readonly ValueSchema OpenObject = Read("""{"type":"object"}""");

    /// <summary>
    /// The schema of a webhook trigger: <c>params</c> has exactly the parameters of the path, and the parts with a request schema follow
    /// it.
    /// </summary>
    public static ValueSchema WebhookTrigger(PathPattern path, RequestSchemas? request = null) => ValueSchema.Object(("output", ValueSchema.Object(
        ("method", Text),
        ("path", Text),
        ("params", ValueSchema.Object([.. path.Parameters.Select(name => (name, Text))])),
        ("query", Of(request?.Query) ?? OpenObject),
        ("headers", Of(request?.Headers) ?? OpenObject),
        ("body", Of(request?.Body) ?? ValueSchema.Anything),
        ("raw_body", TextOrNull),
        ("files", OpenObject),
        ("content_type", TextOrNull),
        ("remote_ip", TextOrNull))));

    /// <summary>The schema of a step: its output, the port it took, and its status.</summary>
    public static ValueSchema Step(ValueSchema output) => ValueSchema.Object(
        ("output", output), ("port", ValueSchema.Anything), ("status", ValueSchema.Anything));

    private static ValueSchema? Of(JsonSchema? schema) => schema is null ? null : ValueSchema.Read(schema.Source);

    private static ValueSchema Read(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return ValueSchema.Read(document.RootElement.Clone());
    }
}
