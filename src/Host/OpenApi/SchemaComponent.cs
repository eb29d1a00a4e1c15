using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Sluice.Engine.Schemas;

namespace Sluice.Host.OpenApi;

/// <summary>
/// A schema of a trigger as a component of a document. References in a schema are relative to its own root, those in a document to the
/// document's, so they are rewritten. Its <c>$defs</c> become components too, because some OpenAPI readers resolve nothing else.
/// </summary>
internal sealed partial class SchemaComponent
{
    private const string Reference = "$ref";
    private const string Definitions = "$defs";

    private readonly string _id;
    private readonly HashSet<string> _definitions = new(StringComparer.Ordinal);

    private SchemaComponent(string id) => _id = id;

    /// <summary>Adds the schema, and returns a reference to it.</summary>
    public static IOpenApiSchema AddTo(OpenApiDocument document, string id, JsonSchema schema)
    {
        var node = JsonNode.Parse(schema.Source.GetRawText());
        // With an $id the schema is a resource of its own: its references are relative to its root wherever it is embedded.
        if (node is JsonObject root && !root.ContainsKey("$id"))
        {
            new SchemaComponent(id).Move(root, document);
        }

        document.Components!.Schemas![id] = new WrittenSchema(node);
        return new OpenApiSchemaReference(id, document);
    }

    public static bool HasReferences(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().Any(member => member.Name == Reference || HasReferences(member.Value)),
        JsonValueKind.Array => schema.EnumerateArray().Any(HasReferences),
        _ => false,
    };

    private void Move(JsonObject root, OpenApiDocument document)
    {
        var definitions = root[Definitions] as JsonObject;
        _definitions.UnionWith((definitions ?? []).Select(definition => definition.Key).Where(name => ComponentName().IsMatch(name)));
        LeadOn(root);
        foreach (var name in _definitions)
        {
            var definition = definitions![name];
            definitions.Remove(name);
            document.Components!.Schemas![$"{_id}.{name}"] = new WrittenSchema(definition);
        }

        if (definitions is { Count: 0 })
        {
            root.Remove(Definitions);
        }
    }

    private void LeadOn(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                {
                    LeadOn(item);
                }

                break;
            case JsonObject members:
                // An anchor ("#name") resolves wherever the schema is embedded; a pointer ("#", "#/…") does not.
                if (members[Reference] is JsonValue value && value.TryGetValue<string>(out var target) && (target == "#" || target.StartsWith("#/", StringComparison.Ordinal)))
                {
                    members[Reference] = Target(target[1..]);
                }

                foreach (var (_, member) in members.ToArray())
                {
                    LeadOn(member);
                }

                break;
        }
    }

    /// <param name="pointer">The JSON Pointer of the reference.</param>
    private string Target(string pointer)
    {
        var parts = pointer.Split('/', 4);
        return parts.Length >= 3 && parts[1] == Definitions && _definitions.Contains(parts[2])
            ? $"#/components/schemas/{_id}.{parts[2]}{(parts.Length > 3 ? $"/{parts[3]}" : "")}"
            : $"#/components/schemas/{_id}{pointer}";
    }

    // OpenAPI 3.1, Components Object.
    [GeneratedRegex(@"^[a-zA-Z0-9._-]+\z")]
    private static partial Regex ComponentName();
}

/// <summary>
/// A schema serialized as it is in the workflow, with every keyword: OpenAPI 3.1 allows all of JSON Schema 2020-12, but the object model
/// does not.
/// </summary>
internal sealed class WrittenSchema : OpenApiSchema
{
    private readonly JsonNode _source;

    public WrittenSchema(JsonElement source)
        : this(JsonNode.Parse(source.GetRawText()))
    {
    }

    /// <param name="source">An object, or true or false; these become equivalent objects, because not every reader supports them.</param>
    public WrittenSchema(JsonNode? source) => _source = source switch
    {
        JsonObject schema => schema,
        JsonValue value when value.GetValueKind() == JsonValueKind.False => new JsonObject { ["not"] = new JsonObject() },
        _ => new JsonObject(),
    };

    public override void SerializeAsV31(IOpenApiWriter writer) => writer.WriteAny(_source);
}
