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

    /// <summary>The members that the schema names, wherever the config has them.</summary>
    public static IEnumerable<ConfigMember> Of(JsonElement schema, JsonNode config) => Of(schema, schema, config, "");

    private static IEnumerable<ConfigMember> Of(JsonElement root, JsonElement schema, JsonNode? value, string path, params ImmutableArray<object> steps)
    {
        schema = SchemaCheck.Resolve(root, schema);
        if (value is JsonObject members && schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
        {
            var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
            foreach (var property in properties.EnumerateObject().Where(property => members.ContainsKey(property.Name)))
            {
                var below = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                yield return new ConfigMember(steps, property.Name, below, property.Value, required.Contains(property.Name));
                foreach (var inner in Of(root, property.Value, members[property.Name], below, steps.Add(property.Name)))
                {
                    yield return inner;
                }
            }
        }
        else if (value is JsonArray list && schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("items", out var items))
        {
            foreach (var inner in list.SelectMany((item, index) => Of(root, items, item, $"{path}[{index}]", steps.Add(index))))
            {
                yield return inner;
            }
        }
    }
}

/// <summary>A member that a config has.</summary>
/// <param name="Steps">The names and indices that lead to the object that holds it.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Path">The whole way, as messages write it: <c>conditions[0].operator</c>.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="IsRequired">Whether the object must have it.</param>
internal sealed record ConfigMember(ImmutableArray<object> Steps, string Name, string Path, JsonElement Schema, bool IsRequired);

/// <summary>A config that was made wrong.</summary>
/// <param name="What">What was done to it.</param>
/// <param name="Path">The member that a message has to name.</param>
/// <param name="Config">The config, as JSON text.</param>
internal sealed record BentConfig(string What, string Path, string Config);
