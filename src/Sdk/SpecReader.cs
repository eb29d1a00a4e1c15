using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Sdk;

/// <summary>Reads a node's spec from its attributes and its two records.</summary>
internal static class SpecReader
{
    public static NodeSpec Read(Type type, JsonTypeInfo config, JsonTypeInfo output)
    {
        var node = type.GetCustomAttribute<NodeAttribute>()
            ?? throw new InvalidOperationException($"{type.FullName} has no [Node(\"type_identifier\")] attribute; a node is named by one.");
        return new NodeSpec
        {
            Type = node.Type,
            Name = node.Name ?? node.Type,
            Category = node.Category ?? "Other",
            Summary = node.Summary ?? "",
            Effect = node.Effect,
            Ports = [.. type.GetCustomAttributes<PortAttribute>().Select(port => new PortSpec(port.Name, port.Description))],
            ConfigSchema = SchemaOf(config),
            OutputSchema = SchemaOf(output),
            Examples = [.. type.GetCustomAttributes<NodeExampleAttribute>()
                .Select(example => new NodeExample(example.Summary, example.Config, example.Output, example.Port, example.NeedsNetwork))],
        };
    }

    private static string SchemaOf(JsonTypeInfo type)
    {
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };
        return type.GetJsonSchemaAsNode(exporter).ToJsonString();
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        AddType(context.TypeInfo.Type, schema as JsonObject);
        if (FieldOf(context.PropertyInfo) is not { } field)
        {
            return schema;
        }

        // `true` is the schema of "any JSON"; an object schema says the same and has room for a description.
        var described = schema as JsonObject ?? [];
        described.Insert(0, "description", field.Description);
        if (field.Default is not null)
        {
            described["default"] = JsonNode.Parse(field.Default);
        }

        if (field.Example is not null)
        {
            described["examples"] = new JsonArray(JsonNode.Parse(field.Example));
        }

        AddBounds(described, field);
        if (field.Secret)
        {
            described["writeOnly"] = true;
        }

        if (!field.Expressions)
        {
            described["x-expressions"] = false;
        }

        // "default: null" says no more than "not required" does.
        if (described.TryGetPropertyValue("default", out var value) && value is null)
        {
            described.Remove("default");
        }

        return described;
    }

    // The exporter gives an enum no "type", and knows nothing of the form that a length of time has here.
    private static void AddType(Type declared, JsonObject? schema)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var nullable = type != declared;
        if (type.IsEnum && schema is not null)
        {
            schema.TryAdd("type", nullable ? new JsonArray("string", "null") : "string");
            AddEnumDescriptions(type, schema);
        }
        else if (type == typeof(TimeSpan) && schema is not null)
        {
            schema["type"] = nullable ? new JsonArray("string", "null") : "string";
            schema["pattern"] = DurationConverter.Form;
        }
    }

    // `enumDescriptions` is what editors (the YAML and JSON servers of VS Code, Monaco) show beside each value.
    private static void AddEnumDescriptions(Type type, JsonObject schema)
    {
        var members = type.GetFields(BindingFlags.Public | BindingFlags.Static);
        var descriptions = members.Select(member => Attribute(member)?.Description).ToArray();
        if (descriptions.All(description => description is not null))
        {
            schema["enumDescriptions"] = new JsonArray([.. descriptions.Select(description => (JsonNode?)description)]);
        }
    }

    private static void AddBounds(JsonObject schema, FieldAttribute field)
    {
        if (!double.IsNaN(field.Minimum))
        {
            schema["minimum"] = field.Minimum;
        }

        if (!double.IsNaN(field.Maximum))
        {
            schema["maximum"] = field.Maximum;
        }
    }

    private static FieldAttribute? FieldOf(JsonPropertyInfo? property) =>
        Attribute(property?.AttributeProvider) ?? Attribute(property?.AssociatedParameter?.AttributeProvider);

    private static FieldAttribute? Attribute(ICustomAttributeProvider? provider) =>
        provider?.GetCustomAttributes(typeof(FieldAttribute), inherit: false).OfType<FieldAttribute>().FirstOrDefault();
}
