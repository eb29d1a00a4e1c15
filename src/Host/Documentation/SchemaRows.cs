using System.Text.Json;

namespace Sluice.Host.Documentation;

/// <summary>Flattens the JSON Schema of a node into rows, one per field, with the path that messages use.</summary>
internal static class SchemaRows
{
    /// <summary>The number of enum values that are listed as a type.</summary>
    private const int MaxWords = 6;

    public static IEnumerable<Row> Of(JsonElement schema) => Members(schema, "");

    /// <summary>The enum fields whose values have descriptions.</summary>
    public static IEnumerable<Choices> ChoicesOf(JsonElement schema) => Of(schema)
        .Where(row => row.Schema.ValueKind == JsonValueKind.Object && row.Schema.TryGetProperty("enumDescriptions", out _))
        .Select(row => new Choices(row.Path, [.. row.Schema.GetProperty("enum").EnumerateArray()
            .Zip(row.Schema.GetProperty("enumDescriptions").EnumerateArray(), (word, meaning) => (word.ToString(), meaning.ToString()))]));

    private static IEnumerable<Row> Members(JsonElement schema, string prefix)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties))
        {
            return [];
        }

        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
        return properties.EnumerateObject().SelectMany(member => Field(prefix + member.Name, member.Value, required.Contains(member.Name)));
    }

    private static IEnumerable<Row> Field(string path, JsonElement schema, bool required)
    {
        yield return new Row(path, Type(schema), required, required ? "(required)" : Text(schema, "default"), Description(schema), schema);
        var (nested, prefix) = IsObject(schema) && schema.TryGetProperty("items", out var items) ? (items, $"{path}[].") : (schema, $"{path}.");
        foreach (var row in Members(nested, prefix))
        {
            yield return row;
        }
    }

    private static string Type(JsonElement schema)
    {
        if (!IsObject(schema))
        {
            return "any JSON";
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            var words = values.EnumerateArray().Where(value => value.ValueKind == JsonValueKind.String).Select(value => $"`{value.GetString()}`").ToArray();
            return words.Length <= MaxWords ? string.Join(", ", words) : "enum";
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return "any JSON";
        }

        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(name => name.GetString()!).Where(name => name != "null") : [type.GetString()!];
        var name = string.Join(" or ", names);
        return name == "array" && schema.TryGetProperty("items", out var items) ? $"array of {Type(items)}" : name;
    }

    private static string Description(JsonElement schema)
    {
        if (!IsObject(schema))
        {
            return "";
        }

        var text = schema.TryGetProperty("description", out var description) ? description.GetString()! : "";
        return schema.TryGetProperty("examples", out var examples) ? $"{text} Example: `{examples[0].GetRawText()}`" : text;
    }

    private static string Text(JsonElement schema, string member) =>
        IsObject(schema) && schema.TryGetProperty(member, out var value) ? $"`{value.GetRawText()}`" : "";

    private static bool IsObject(JsonElement schema) => schema.ValueKind == JsonValueKind.Object;

    /// <summary>One field.</summary>
    internal sealed record Row(string Path, string Type, bool IsRequired, string Default, string Description, JsonElement Schema);

    /// <summary>The values of an enum field and their meanings.</summary>
    internal sealed record Choices(string Path, IReadOnlyList<(string Word, string Meaning)> Words);
}
