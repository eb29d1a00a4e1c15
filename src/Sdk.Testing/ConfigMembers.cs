using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>The members of a config, each with its schema, and the same config with one of them bent.</summary>
internal static class ConfigMembers
{
    public static BentConfig Bend(JsonNode config, ConfigMember member, string what, Action<JsonObject, string> change)
    {
        var copy = config.DeepClone();
        var holder = member.Steps.Aggregate(copy, (at, step) => step is int index ? at[index]! : at[(string)step]!);
        change(holder.AsObject(), member.Name);
        return new BentConfig(what, member.Path, copy.ToJsonString());
    }

    /// <summary>What the config has there; null if it has nothing.</summary>
    public static JsonNode? ValueOf(JsonNode config, ConfigMember member) =>
        member.Steps.Aggregate(config, (at, step) => step is int index ? at[index]! : at[(string)step]!)[member.Name];

    /// <summary>The members that the schema names, wherever the config has them.</summary>
    public static IEnumerable<ConfigMember> Of(JsonElement schema, JsonNode config) => Possible(schema, config).Where(member => member.IsPresent);

    /// <summary>The members that the schema names, wherever the config has an object that has or could have them.</summary>
    public static IEnumerable<ConfigMember> Possible(JsonElement schema, JsonNode config) => Of(schema, schema, config, "");

    private static IEnumerable<ConfigMember> Of(JsonElement root, JsonElement schema, JsonNode? value, string path, params ImmutableArray<object> steps)
    {
        schema = SchemaCheck.Resolve(root, schema);
        if (schema.ValueKind is not JsonValueKind.Object)
        {
            return [];
        }

        return value switch
        {
            JsonObject members => FormsOf(root, schema, members).SelectMany(form => OfObject(root, schema, form, members, path, steps)),
            JsonArray list when schema.TryGetProperty("items", out var items) =>
                list.SelectMany((item, index) => Of(root, items, item, $"{path}[{index}]", steps.Add(index))),
            _ => [],
        };
    }

    // What says something about an object: its schema, and where that is a union, the form that the object has.
    private static IEnumerable<JsonElement> FormsOf(JsonElement root, JsonElement schema, JsonObject value) =>
        SchemaUnion.Of(root, schema)?.FormOfObject(JsonElement.Parse(value.ToJsonString())) is { } form ? [schema, form] : [schema];

    private static IEnumerable<ConfigMember> OfObject(
        JsonElement root, JsonElement schema, JsonElement form, JsonObject members, string path, ImmutableArray<object> steps)
    {
        if (!form.TryGetProperty("properties", out var properties))
        {
            yield break;
        }

        var required = RequiredOf(schema).Concat(RequiredOf(form)).ToHashSet();
        foreach (var property in properties.EnumerateObject())
        {
            var below = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            var isPresent = members.TryGetPropertyValue(property.Name, out var inside);
            yield return new ConfigMember(steps, property.Name, below, property.Value, required.Contains(property.Name), isPresent);
            foreach (var inner in Of(root, property.Value, inside, below, steps.Add(property.Name)))
            {
                yield return inner;
            }
        }
    }

    private static IEnumerable<string?> RequiredOf(JsonElement schema) =>
        schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()) : [];
}

/// <summary>A member that a config has or may have.</summary>
/// <param name="Steps">The names and indices that lead to the object that holds it.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Path">The whole way, as messages write it: <c>conditions[0].operator</c>.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="IsRequired">Whether the object must have it.</param>
/// <param name="IsPresent">Whether the object has it.</param>
internal sealed record ConfigMember(ImmutableArray<object> Steps, string Name, string Path, JsonElement Schema, bool IsRequired, bool IsPresent);

/// <summary>A config that was made wrong.</summary>
/// <param name="What">What was done to it.</param>
/// <param name="Path">The member that a message has to name.</param>
/// <param name="Config">The config, as JSON text.</param>
internal sealed record BentConfig(string What, string Path, string Config);
