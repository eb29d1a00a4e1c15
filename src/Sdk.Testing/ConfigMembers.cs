using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>Finds the members of a config with their schemas, and creates copies with one invalid member.</summary>
internal static class ConfigMembers
{
    public static BentConfig Bend(JsonNode config, ConfigMember member, string what, Action<JsonObject, string> change)
    {
        var copy = config.DeepClone();
        var holder = member.Steps.Aggregate(copy, (at, step) => step is int index ? at[index]! : at[(string)step]!);
        change(holder.AsObject(), member.Name);
        return new BentConfig(what, member.Path, copy.ToJsonString());
    }

    /// <summary>Returns the value of a member; null if the config does not have it.</summary>
    public static JsonNode? ValueOf(JsonNode config, ConfigMember member) =>
        member.Steps.Aggregate(config, (at, step) => step is int index ? at[index]! : at[(string)step]!)[member.Name];

    /// <summary>Returns the members of the schema that the config has.</summary>
    public static IEnumerable<ConfigMember> Of(JsonElement schema, JsonNode config) => Possible(schema, config).Where(member => member.IsPresent);

    /// <summary>Returns the members of the schema for every object in the config, whether it has them or not.</summary>
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

    // The schemas that apply to an object: its own and, for a union, the form of the object.
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
/// <param name="Steps">The names and indexes of the path to the object that contains it.</param>
/// <param name="Name">The name of the member.</param>
/// <param name="Path">The path in messages: <c>conditions[0].operator</c>.</param>
/// <param name="Schema">The schema of the member.</param>
/// <param name="IsRequired">Whether the schema requires the member.</param>
/// <param name="IsPresent">Whether the object has the member.</param>
internal sealed record ConfigMember(ImmutableArray<object> Steps, string Name, string Path, JsonElement Schema, bool IsRequired, bool IsPresent);

/// <summary>A config that was made invalid.</summary>
/// <param name="What">What was changed.</param>
/// <param name="Path">The member that a message must name.</param>
/// <param name="Config">The config, as JSON.</param>
internal sealed record BentConfig(string What, string Path, string Config);
