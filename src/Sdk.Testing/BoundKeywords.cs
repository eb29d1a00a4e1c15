using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>Creates values just outside the bounds of a field.</summary>
internal static class BoundKeywords
{
    // Larger values would only take longer.
    private const int MostSize = 100_000;

    private static readonly (string Least, string Most, Func<JsonElement, bool> Fits, Func<JsonElement, int, JsonNode?, JsonNode?> Beyond)[] Kinds =
    [
        ("minimum", "maximum", schema => IsOf(schema, "integer", "number"), Number),
        ("minLength", "maxLength", schema => IsOf(schema, "string"), (bound, step, _) => Size(bound, step) is { } size ? new string('x', size) : null),
        ("minItems", "maxItems", schema => IsOf(schema, "array"), (bound, step, value) => Size(bound, step) is { } size ? List(size, value as JsonArray) : null),
        ("minProperties", "maxProperties", schema => IsOf(schema, "object"), (bound, step, value) => Size(bound, step) is { } size ? Object(size, value as JsonObject) : null),
        (SchemaBound.ShortestDuration, SchemaBound.LongestDuration, IsDuration, (bound, step, _) => Duration(bound, step)),
    ];

    /// <summary>Returns whether a schema has a bound that does not apply to its type.</summary>
    public static bool HasIdle(JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object
        && Kinds.Any(kind => (schema.TryGetProperty(kind.Least, out _) || schema.TryGetProperty(kind.Most, out _)) && !kind.Fits(schema));

    /// <summary>Creates a value outside each bound of a schema, where possible.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">A value within the bounds, from which lists and objects are created; null for none.</param>
    public static IEnumerable<(string What, JsonNode Value)> Beyond(JsonElement schema, JsonNode? value) =>
        from kind in Kinds
        where kind.Fits(schema)
        from end in new[] { (Keyword: kind.Least, Step: -1), (Keyword: kind.Most, Step: 1) }
        where schema.TryGetProperty(end.Keyword, out _)
        let beyond = kind.Beyond(schema.GetProperty(end.Keyword), end.Step, value)
        where beyond is not null
        select (beyond is JsonValue && beyond.ToJsonString() is { Length: <= 40 } text ? text : $"a value beyond its `{end.Keyword}`", beyond);

    // A whole number outside the bound.
    private static JsonNode? Number(JsonElement bound, int step, JsonNode? value) => bound.TryGetDecimal(out var number) && Math.Abs(number) < decimal.MaxValue / 2
        ? JsonNode.Parse((step < 0 ? Math.Ceiling(number) - 1 : Math.Floor(number) + 1).ToString(CultureInfo.InvariantCulture))
        : null;

    private static int? Size(JsonElement bound, int step) => bound.TryGetInt32(out var size) && size + step is >= 0 and <= MostSize ? size + step : null;

    // Copies of the first item, so that only the number of items is wrong.
    private static JsonArray? List(int size, JsonArray? value) => size == 0 ? []
        : value is [{ } first, ..] ? [.. Enumerable.Range(0, size).Select(_ => first.DeepClone())]
        : null;

    private static JsonObject? Object(int size, JsonObject? value)
    {
        if (size > 0 && value is not { Count: > 0 })
        {
            return null;
        }

        var made = new JsonObject();
        foreach (var (name, first) in value?.Take(1) ?? [])
        {
            for (var index = 0; index < size; index++)
            {
                made[$"{name}{index}"] = first?.DeepClone();
            }
        }

        return made;
    }

    private static JsonNode? Duration(JsonElement bound, int step) =>
        bound.ValueKind is JsonValueKind.String && DurationConverter.TryRead(bound.GetString()!, out var duration)
        && duration + (step * (duration < TimeSpan.FromSeconds(1) || duration.Milliseconds > 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(1))) is { Ticks: >= 0 } beyond
            ? DurationConverter.Write(beyond)
            : null;

    private static bool IsDuration(JsonElement schema) => schema.TryGetProperty("pattern", out var pattern) && pattern.ValueEquals(DurationConverter.Form);

    private static bool IsOf(JsonElement schema, params string[] types) => schema.TryGetProperty("type", out var type)
        && (type.ValueKind is JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type]).Any(one => types.Any(one.ValueEquals));
}
