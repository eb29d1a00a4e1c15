using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>Checks the spec of a node before the node is published.</summary>
internal static class SpecRules
{
    /// <summary>Returns the rules that a spec breaks.</summary>
    public static ImmutableArray<Rejection> Check(NodeSpec spec) =>
        HasGaps(spec)
            ? [new("spec-incomplete", $"The spec of node '{spec.Type}' holds a null. Set every required value of NodeSpec, its ports and its examples.")]
            :
            [
                .. Identifier(spec),
                .. Ports(spec),
                .. Schema(spec, "config", spec.ConfigSchema),
                .. Closed(spec),
                .. Schema(spec, "output", spec.OutputSchema),
                .. spec.Examples.SelectMany(example => Example(spec, example)),
            ];

    // A node that does not derive from Node<,> builds its spec by hand, where null checks of the compiler are only warnings.
    private static bool HasGaps(NodeSpec spec) =>
        spec is { Type: null } or { Name: null } or { Category: null } or { Summary: null }
            or { Ports: null } or { ConfigSchema: null } or { OutputSchema: null } or { Examples: null }
        || spec.Ports.Any(port => port is not { Name: not null, Description: not null })
        || spec.Examples.Any(example => example is not { Summary: not null, Config: not null });

    private static IEnumerable<Rejection> Identifier(NodeSpec spec)
    {
        if (!SnakeCase.Is(spec.Type))
        {
            yield return new Rejection(
                "node-type", $"The node type '{spec.Type}' is not snake_case. Write small letters, digits and single underscores: webhook_response.");
        }
    }

    private static IEnumerable<Rejection> Ports(NodeSpec spec)
    {
        foreach (var port in spec.Ports.Where(port => !SnakeCase.Is(port.Name)))
        {
            yield return new Rejection(
                "port-name", $"The port '{port.Name}' of node '{spec.Type}' is not snake_case. Write small letters, digits and single underscores.");
        }

        foreach (var twice in spec.Ports.GroupBy(port => port.Name).Where(group => group.Count() > 1))
        {
            yield return new Rejection(
                "port-twice", $"The port '{twice.Key}' of node '{spec.Type}' is declared {twice.Count()} times. Declare it once.");
        }
    }

    private static IEnumerable<Rejection> Schema(NodeSpec spec, string of, string schema)
    {
        if (Parse(schema) is not { ValueKind: JsonValueKind.Object or JsonValueKind.True })
        {
            yield return new Rejection(
                "schema",
                $"The {of} schema of node '{spec.Type}' is not a JSON Schema: it must be a JSON object. Derive the node from Node<TConfig, TOutput>, which writes it.");
        }
    }

    // An open config would accept a misspelled field.
    private static IEnumerable<Rejection> Closed(NodeSpec spec)
    {
        if (Parse(spec.ConfigSchema) is { } schema && !IsClosedObject(schema))
        {
            yield return new Rejection(
                "config-schema-open",
                $"The config schema of node '{spec.Type}' must be that of a closed object: \"type\": \"object\" and \"additionalProperties\": false.");
        }
    }

    private static IEnumerable<Rejection> Example(NodeSpec spec, NodeExample example)
    {
        var label = $"example '{example.Summary}' of node '{spec.Type}'";
        if (Parse(example.Config) is not { ValueKind: JsonValueKind.Object })
        {
            yield return new Rejection("example", $"The config of the {label} is not a JSON object. Write it as JSON text.");
        }

        if (example.Output is not null && Parse(example.Output) is null)
        {
            yield return new Rejection("example", $"The output of the {label} is not JSON. Write it as JSON text.");
        }

        if (example.Port is not null && spec.Ports.Count > 0 && spec.Ports.All(port => port.Name != example.Port))
        {
            var ports = string.Join(", ", spec.Ports.Select(port => port.Name));
            yield return new Rejection("example", $"The {label} leaves through '{example.Port}', which is not one of its ports ({ports}).");
        }
    }

    private static bool IsClosedObject(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object")
        && schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;

    private static JsonElement? Parse(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
