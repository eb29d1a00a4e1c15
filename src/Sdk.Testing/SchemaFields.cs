using System.Text.Json;

namespace Sluice.Sdk.Testing;

/// <summary>A field of a schema: its path (<c>conditions[].operator</c>), its schema, and whether it is required.</summary>
internal readonly record struct SchemaField(string Path, JsonElement Schema, bool IsRequired)
{
    // The discriminator of a union is a constant and needs no description.
    public bool HasDescription =>
        Schema.ValueKind is JsonValueKind.Object
        && (Schema.TryGetProperty("const", out _)
            || (Schema.TryGetProperty("description", out var text) && text.ValueKind is JsonValueKind.String && !string.IsNullOrWhiteSpace(text.GetString())));
}

/// <summary>Finds the fields of a schema, including those of objects in lists. A recursive type is visited once.</summary>
internal static class SchemaFields
{
    public static IEnumerable<SchemaField> Of(JsonElement root)
    {
        foreach (var (path, schema) in ObjectsOf(root))
        {
            var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
            foreach (var property in schema.GetProperty("properties").EnumerateObject())
            {
                yield return new SchemaField(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value, required.Contains(property.Name));
            }
        }
    }

    /// <summary>Returns every object with named members, the outermost first.</summary>
    public static IEnumerable<(string Path, JsonElement Schema)> ObjectsOf(JsonElement root) => ObjectsOf(root, "");

    // A $ref leads to a type that is being visited, and is not followed.
    private static IEnumerable<(string Path, JsonElement Schema)> ObjectsOf(JsonElement schema, string path)
    {
        if (schema.ValueKind is not JsonValueKind.Object)
        {
            yield break;
        }

        if (schema.TryGetProperty("properties", out var properties))
        {
            yield return (path, schema);
            foreach (var found in properties.EnumerateObject().SelectMany(one => ObjectsOf(one.Value, path.Length == 0 ? one.Name : $"{path}.{one.Name}")))
            {
                yield return found;
            }
        }

        if (schema.TryGetProperty("anyOf", out var forms))
        {
            foreach (var found in forms.EnumerateArray().SelectMany(form => ObjectsOf(form, path)))
            {
                yield return found;
            }
        }

        foreach (var (keyword, step) in new[] { ("items", "[]"), ("additionalProperties", ".*") })
        {
            if (schema.TryGetProperty(keyword, out var inner))
            {
                foreach (var found in ObjectsOf(inner, path + step))
                {
                    yield return found;
                }
            }
        }
    }
}
