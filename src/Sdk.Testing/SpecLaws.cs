using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sluice.Sdk.Testing;

/// <summary>The laws about the spec of a node.</summary>
internal static class SpecLaws
{
    public const string Usable = "usable";

    public static ImmutableArray<NodeLaw> All { get; } =
    [
        Law(Usable, "The node has a public constructor without parameters, and its spec can be read.", CheckUsable),
        Law("type-identifier", "The type identifier is snake_case.", CheckIdentifier),
        Law("type-unique", "No other node of the plugin has the same type identifier.", CheckUnique),
        Law("described", "The node has a summary and an example, and each port and each field has a description.", CheckDescribed),
        Law("ports-well-formed", "Port names are snake_case and unique.", CheckPorts),
        Law("closed-config", "The config is an object that allows no members but its own.", CheckClosed),
        Law("defaults-fit", "Every default and every example of a field matches the schema of the field.", CheckDefaults),
        Law("spec-stable", "The spec is the same for every instance and every time.", CheckStable),
    ];

    private static NodeLaw Law(string name, string rule, Func<NodeUnderTest, IEnumerable<string>> check) =>
        new(name, rule, (node, cancellationToken) => Enumerate(check, node, cancellationToken));

    private static async IAsyncEnumerable<string> Enumerate(
        Func<NodeUnderTest, IEnumerable<string>> check, NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var message in check(node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return message;
        }
    }

    private static IEnumerable<string> CheckUsable(NodeUnderTest node)
    {
        node.New();
        _ = (node.Spec, node.ConfigSchema, node.OutputSchema);
        return [];
    }

    private static IEnumerable<string> CheckIdentifier(NodeUnderTest node)
    {
        if (!SnakeCase.Is(node.Spec.Type))
        {
            yield return $"`{node.Spec.Type}` is not snake_case. Use lower-case letters, digits and single underscores, with a letter first.";
        }
    }

    private static IEnumerable<string> CheckUnique(NodeUnderTest node)
    {
        foreach (var other in NodeContract.NodesOf(node.Type.Assembly).Where(other => other != node.Type && TypeOf(other) == node.Spec.Type))
        {
            yield return $"{other.Name} has the type identifier `{node.Spec.Type}` as well. Rename one of them; a host rejects both.";
        }
    }

    // Null for an unusable node, which has its own violation.
    private static string? TypeOf(Type node)
    {
        try
        {
            return new NodeUnderTest(node).Spec.Type;
        }
        catch (UnusableNodeException)
        {
            return null;
        }
    }

    private static IEnumerable<string> CheckDescribed(NodeUnderTest node)
    {
        var spec = node.Spec;
        if (string.IsNullOrWhiteSpace(spec.Name) || string.IsNullOrWhiteSpace(spec.Category) || string.IsNullOrWhiteSpace(spec.Summary))
        {
            yield return "The name, the category or the summary is empty. Set them on [Node].";
        }

        if (spec.Examples.Count == 0)
        {
            yield return "There is no example. Override Examples.";
        }

        foreach (var port in spec.Ports.Where(port => string.IsNullOrWhiteSpace(port.Description)))
        {
            yield return $"The port `{port.Name}` has no description. Add it to [Port].";
        }

        foreach (var (where, root) in new[] { ("config", node.ConfigSchema), ("output", node.OutputSchema) })
        {
            foreach (var field in SchemaFields.Of(root).Where(field => !field.HasDescription))
            {
                yield return $"The field `{field.Path}` of the {where} has no description. Add [Field(\"…\")].";
            }
        }
    }

    private static IEnumerable<string> CheckPorts(NodeUnderTest node)
    {
        foreach (var port in node.Spec.Ports.Where(port => !SnakeCase.Is(port.Name)))
        {
            yield return $"The port `{port.Name}` is not snake_case.";
        }

        foreach (var twice in node.Spec.Ports.GroupBy(port => port.Name).Where(group => group.Count() > 1))
        {
            yield return $"The port `{twice.Key}` is declared {twice.Count()} times.";
        }
    }

    private static IEnumerable<string> CheckClosed(NodeUnderTest node)
    {
        if (!IsObject(node.ConfigSchema))
        {
            yield return "The config schema is not that of an object. Set `\"type\": \"object\"`.";
            yield break;
        }

        foreach (var (path, schema) in SchemaFields.ObjectsOf(node.ConfigSchema))
        {
            if (!schema.TryGetProperty("additionalProperties", out var additional) || additional.ValueKind is not JsonValueKind.False)
            {
                yield return $"{(path.Length == 0 ? "The config" : $"`{path}`")} allows unknown members. Set `additionalProperties` to false.";
            }
        }
    }

    private static IEnumerable<string> CheckDefaults(NodeUnderTest node)
    {
        var root = node.ConfigSchema;
        foreach (var field in SchemaFields.Of(root).Where(field => field.Schema.ValueKind is JsonValueKind.Object))
        {
            if (field.Schema.TryGetProperty("default", out var value))
            {
                foreach (var problem in SchemaCheck.Problems(root, field.Schema, value))
                {
                    yield return $"The default of `{field.Path}` is invalid: {problem.Path} {problem.Message}";
                }
            }

            foreach (var example in field.Schema.TryGetProperty("examples", out var examples) ? examples.EnumerateArray() : default)
            {
                foreach (var problem in SchemaCheck.Problems(root, field.Schema, example))
                {
                    yield return $"The example of `{field.Path}` is invalid: {problem.Path} {problem.Message}";
                }
            }
        }
    }

    private static IEnumerable<string> CheckStable(NodeUnderTest node)
    {
        var instance = node.New();
        var first = JsonSerializer.Serialize(NodeUnderTest.SpecOf(instance));
        foreach (var (again, which) in new[] { (instance, "the same"), (node.New(), "another") })
        {
            if (JsonSerializer.Serialize(NodeUnderTest.SpecOf(again)) != first)
            {
                yield return $"The spec differs when it is read again from {which} instance.";
            }
        }
    }

    private static bool IsObject(JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.ValueEquals("object");
}
