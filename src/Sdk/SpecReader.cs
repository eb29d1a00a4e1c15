using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Sluice.Sdk;

/// <summary>Reads the spec of a node from its attributes and its two records.</summary>
internal static class SpecReader
{
    private static readonly JsonSerializerOptions ReadableText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static NodeSpec Read(Type type, JsonTypeInfo config, JsonTypeInfo output)
    {
        var node = type.GetCustomAttribute<NodeAttribute>()
            ?? throw new InvalidOperationException($"{type.FullName} has no [Node] attribute. Add [Node(\"type_identifier\")].");
        return new NodeSpec
        {
            Type = node.Type,
            Name = node.Name ?? node.Type,
            Category = node.Category ?? "Other",
            Summary = node.Summary ?? "",
            Effect = node.Effect,
            OnRepeat = node.OnRepeat,
            Ports = [.. type.GetCustomAttributes<PortAttribute>().Select(port => new PortSpec(port.Name, port.Description))],
            ConfigSchema = SchemaOf(config),
            OutputSchema = SchemaOf(output),
            Examples = [.. type.GetCustomAttributes<NodeExampleAttribute>()
                .Select(example => new NodeExample(example.Summary, example.Config, example.Output, example.Port, example.NeedsNetwork))],
        };
    }

    private static string SchemaOf(JsonTypeInfo type)
    {
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Complete };
        return type.GetJsonSchemaAsNode(exporter).ToJsonString(ReadableText);
    }

    private static JsonNode Complete(JsonSchemaExporterContext context, JsonNode schema)
    {
        // Fields are described with their object, because the exporter does not call this for a field of any JSON with a default.
        if (schema is JsonObject && schema["properties"] is JsonObject properties)
        {
            foreach (var property in context.TypeInfo.Properties.Where(property => properties.ContainsKey(property.Name)))
            {
                properties[property.Name] = Describe(property, properties[property.Name]!);
            }
        }

        // The exporter omits the items of a list of any JSON.
        if (context.TypeInfo is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } && schema is JsonObject list && !list.ContainsKey("items")
            && WithType(element, JsonValue.Create(true)) is JsonObject items)
        {
            list["items"] = items;
        }

        return WithType(context.TypeInfo.Type, schema);
    }

    private static JsonNode Describe(JsonPropertyInfo property, JsonNode schema)
    {
        schema = WithType(property.PropertyType, schema);
        if (FieldOf(property) is not { } field)
        {
            return schema;
        }

        // `true` is the schema of any JSON. An empty object is equivalent and can have a description.
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

        AddBounds(described, field, property.PropertyType);
        if (field.Secret)
        {
            described["writeOnly"] = true;
        }

        if (!field.Expressions)
        {
            described["x-expressions"] = false;
        }

        // A default of null means the same as "not required".
        if (described.TryGetPropertyValue("default", out var value) && value is null)
        {
            described.Remove("default");
        }

        return described;
    }

    // The exporter gives enums no "type", and does not know the format of durations.
    private static JsonNode WithType(Type declared, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (!type.IsEnum && type != typeof(TimeSpan))
        {
            return schema;
        }

        var typed = schema as JsonObject ?? [];
        typed["type"] = type == declared ? "string" : new JsonArray("string", "null");
        if (type.IsEnum)
        {
            AddEnumDescriptions(type, typed);
        }
        else
        {
            typed["pattern"] = DurationConverter.Form;
        }

        return typed;
    }

    // Editors (the YAML and JSON servers of VS Code, Monaco) show `enumDescriptions` beside the values.
    private static void AddEnumDescriptions(Type type, JsonObject schema)
    {
        var members = type.GetFields(BindingFlags.Public | BindingFlags.Static);
        var descriptions = members.Select(member => Attribute(member)?.Description).ToArray();
        if (descriptions.All(description => description is not null))
        {
            schema["enumDescriptions"] = new JsonArray([.. descriptions.Select(description => (JsonNode?)description)]);
        }
    }

    // The type decides what is bounded: a value, the number of characters, items or members, or a duration.
    private static void AddBounds(JsonObject schema, FieldAttribute field, Type declared)
    {
        string[] types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(one => one!.GetValue<string>())],
            JsonValue one => [one.GetValue<string>()],
            _ => [],
        };
        var isDuration = (Nullable.GetUnderlyingType(declared) ?? declared) == typeof(TimeSpan);
        if (types.Length == 0 || types.Contains("number") || types.Contains("integer") || types.Contains("boolean"))
        {
            AddBounds(schema, field, ("minimum", "maximum"), bound => bound, bound => bound);
        }
        else if (isDuration)
        {
            AddBounds(schema, field, (SchemaBound.ShortestDuration, SchemaBound.LongestDuration), DurationOf, DurationOf);
        }
        else
        {
            var keywords = types.Contains("string") ? ("minLength", "maxLength") : types.Contains("array") ? ("minItems", "maxItems") : ("minProperties", "maxProperties");
            AddBounds(schema, field, keywords, bound => (long)Math.Max(0, Math.Ceiling(bound)), bound => (long)Math.Floor(bound));
        }
    }

    private static void AddBounds(
        JsonObject schema, FieldAttribute field, (string Least, string Most) keywords, Func<double, JsonNode> least, Func<double, JsonNode> most)
    {
        if (!double.IsNaN(field.Minimum))
        {
            schema[keywords.Least] = least(field.Minimum);
        }

        if (!double.IsNaN(field.Maximum))
        {
            schema[keywords.Most] = most(field.Maximum);
        }
    }

    private static JsonNode DurationOf(double seconds) => DurationConverter.Write(TimeSpan.FromSeconds(seconds));

    private static FieldAttribute? FieldOf(JsonPropertyInfo property) =>
        Attribute(property.AttributeProvider) ?? Attribute(property.AssociatedParameter?.AttributeProvider);

    private static FieldAttribute? Attribute(ICustomAttributeProvider? provider) =>
        provider?.GetCustomAttributes(typeof(FieldAttribute), inherit: false).OfType<FieldAttribute>().FirstOrDefault();
}
