using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>The laws about configs that are wrong: every example is bent in every place, and the node must say what and where, and not throw.</summary>
internal static class ConfigLaws
{
    // One of each JSON type, so that whatever a field allows there is one that it does not.
    private static readonly string[] OneOfEach = ["{}", "\"?\"", "[]", "true", "12.5"];

    private static readonly string[] NoObjects = ["null", "[]", "\"text\""];

    public static ImmutableArray<NodeLaw> All { get; } =
    [
        Law("missing-field", "A config without a required field fails with kind `config`, and the message names the field.", Missing),
        Law("wrong-type", "A field of the wrong JSON type fails with kind `config`, and the message names the field.", WrongType),
        Law("unknown-field", "A field that the config does not have fails with kind `config`, and the message names it.", Unknown),
        Law("no-config", "A config that is no object fails with kind `config`.", NoObject),
    ];

    private static NodeLaw Law(string name, string rule, Func<NodeUnderTest, JsonNode, IEnumerable<BentConfig>> bend) =>
        new(name, rule, (node, cancellationToken) => CheckAsync(node, bend, cancellationToken));

    private static async IAsyncEnumerable<string> CheckAsync(
        NodeUnderTest node, Func<NodeUnderTest, JsonNode, IEnumerable<BentConfig>> bend, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var example in node.Spec.Examples)
        {
            foreach (var bent in bend(node, JsonNode.Parse(example.Config)!))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var call = await node.CallAsync(bent.Config, new NodeEnvironment { Http = StubHttp.Silent() }, cancellationToken);
                if (call.Outcome?.Failure is not { Kind: FailureKind.Config } failure)
                {
                    yield return $"{bent.What} in \"{example.Summary}\": the call must fail with kind `config`, and {call}.";
                }
                else if (!failure.Message.Contains(bent.Path, StringComparison.Ordinal))
                {
                    yield return $"{bent.What} in \"{example.Summary}\": the message does not name `{bent.Path}`: {failure.Message}";
                }

                if (Thrown(() => node.New().Check(Encoding.UTF8.GetBytes(bent.Config))) is { } thrown)
                {
                    yield return $"{bent.What} in \"{example.Summary}\": Check threw {thrown.GetType().Name}: {thrown.Message}";
                }
            }
        }
    }

    private static IEnumerable<BentConfig> Missing(NodeUnderTest node, JsonNode config) =>
        from member in Members(node.ConfigSchema, node.ConfigSchema, config, "")
        where member.IsRequired
        select Bend(config, member, $"Without `{member.Path}`", (holder, name) => holder.Remove(name));

    private static IEnumerable<BentConfig> WrongType(NodeUnderTest node, JsonNode config) =>
        from member in Members(node.ConfigSchema, node.ConfigSchema, config, "")
        let wrong = OneOfEach.FirstOrDefault(value => BreaksType(node.ConfigSchema, member.Schema, value))
        where wrong is not null
        select Bend(config, member, $"With {wrong} as `{member.Path}`", (holder, name) => holder[name] = JsonNode.Parse(wrong));

    private static IEnumerable<BentConfig> Unknown(NodeUnderTest node, JsonNode config)
    {
        var bent = config.DeepClone();
        bent["no_such_field"] = 1;
        yield return new BentConfig("With a field `no_such_field`", "no_such_field", bent.ToJsonString());
    }

    private static IEnumerable<BentConfig> NoObject(NodeUnderTest node, JsonNode config) =>
        NoObjects.Select(text => new BentConfig($"With {text} as the config", "", text));

    private static bool BreaksType(JsonElement root, JsonElement schema, string value)
    {
        var resolved = SchemaCheck.Resolve(root, schema);
        return resolved.ValueKind is JsonValueKind.Object
            && resolved.TryGetProperty("type", out _)
            && SchemaCheck.Problems(root, resolved, JsonElement.Parse(value)).Any(problem => problem.Path.Length == 0);
    }

    private static BentConfig Bend(JsonNode config, Member member, string what, Action<JsonObject, string> change)
    {
        var copy = config.DeepClone();
        var holder = member.Steps.Aggregate(copy, (at, step) => step is int index ? at[index]! : at[(string)step]!);
        change(holder.AsObject(), member.Name);
        return new BentConfig(what, member.Path, copy.ToJsonString());
    }

    // The members that the schema names, wherever the config has them.
    private static IEnumerable<Member> Members(JsonElement root, JsonElement schema, JsonNode? value, string path, params ImmutableArray<object> steps)
    {
        schema = SchemaCheck.Resolve(root, schema);
        if (value is JsonObject members && schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
        {
            var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
            foreach (var property in properties.EnumerateObject().Where(property => members.ContainsKey(property.Name)))
            {
                var below = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                yield return new Member(steps, property.Name, below, property.Value, required.Contains(property.Name));
                foreach (var inner in Members(root, property.Value, members[property.Name], below, steps.Add(property.Name)))
                {
                    yield return inner;
                }
            }
        }
        else if (value is JsonArray list && schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("items", out var items))
        {
            foreach (var inner in list.SelectMany((item, index) => Members(root, items, item, $"{path}[{index}]", steps.Add(index))))
            {
                yield return inner;
            }
        }
    }

    private static Exception? Thrown(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private sealed record Member(ImmutableArray<object> Steps, string Name, string Path, JsonElement Schema, bool IsRequired);

    private sealed record BentConfig(string What, string Path, string Config);
}
