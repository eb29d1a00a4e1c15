using System.Text.Json;

namespace Sluice.Host.Documentation;

/// <summary>Describes one field of a JSON Schema in words.</summary>
internal static class SchemaFacts
{
    /// <summary>Gets the description; empty if there is none.</summary>
    public static string Description(JsonElement schema) => Member(schema, "description") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    /// <summary>Gets the first example as JSON; null if there is none.</summary>
    public static string? Example(JsonElement schema) =>
        Member(schema, "examples") is { ValueKind: JsonValueKind.Array } examples && examples.GetArrayLength() > 0 ? examples[0].GetRawText() : null;

    /// <summary>Gets the bounds, one phrase each.</summary>
    public static IEnumerable<string> Bounds(JsonElement schema)
    {
        string?[] bounds =
        [
            Range(schema, "minimum", "maximum", ""),
            Single(schema, "exclusiveMinimum", "more than"),
            Single(schema, "exclusiveMaximum", "less than"),
            Single(schema, "multipleOf", "a multiple of"),
            Range(schema, "minLength", "maxLength", "character"),
            Single(schema, "pattern", "matches"),
            Single(schema, "format", "format"),
            Range(schema, "minItems", "maxItems", "item"),
            Range(schema, "minProperties", "maxProperties", "member"),
            Member(schema, "writeOnly") is { ValueKind: JsonValueKind.True } ? "secret" : null,
        ];
        return bounds.OfType<string>();
    }

    private static string? Range(JsonElement schema, string least, string most, string unit)
    {
        string Units(JsonElement count) => unit.Length == 0 ? "" : count.ToString() == "1" ? $" {unit}" : $" {unit}s";
        return (Member(schema, least), Member(schema, most)) switch
        {
            ({ } from, { } to) => $"{from} to {to}{Units(to)}",
            ({ } from, null) => $"at least {from}{Units(from)}",
            (null, { } to) => $"at most {to}{Units(to)}",
            _ => null,
        };
    }

    private static string? Single(JsonElement schema, string keyword, string words) => Member(schema, keyword) is { } value ? $"{words} {value}" : null;

    private static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) ? value : null;
}
