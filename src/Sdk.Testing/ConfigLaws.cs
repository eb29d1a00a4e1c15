using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>The laws about invalid configs. Each field of each example is made invalid in turn; the node must report it and must not throw.</summary>
internal static class ConfigLaws
{
    // One value of each JSON type, so that at least one is invalid for any field.
    private static readonly string[] OneOfEach = ["{}", "\"?\"", "[]", "true", "12.5"];

    private static readonly string[] NoObjects = ["null", "[]", "\"text\""];

    public static ImmutableArray<NodeLaw> All { get; } =
    [
        Law("missing-field", "A config without a required field fails with kind `config`, and the message names the field.", Missing),
        Law("wrong-type", "A field of the wrong JSON type fails with kind `config`, and the message names the field.", WrongType),
        Law("unknown-field", "A field that the config does not have fails with kind `config`, and the message names it.", Unknown),
        new("bounds-held", "A value outside the bounds of its field fails with kind `config`, and the message names the field.", CheckBoundsAsync),
        Law("no-config", "A config that is not an object fails with kind `config`.", NoObject),
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
                    yield return $"{bent.What} in \"{example.Summary}\": the call must fail with kind `config`, but {call}.";
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
        from member in ConfigMembers.Of(node.ConfigSchema, config)
        where member.IsRequired
        select ConfigMembers.Bend(config, member, $"Without `{member.Path}`", (holder, name) => holder.Remove(name));

    private static IEnumerable<BentConfig> WrongType(NodeUnderTest node, JsonNode config) =>
        from member in ConfigMembers.Of(node.ConfigSchema, config)
        let wrong = OneOfEach.FirstOrDefault(value => BreaksType(node.ConfigSchema, member.Schema, value))
        where wrong is not null
        select ConfigMembers.Bend(config, member, $"With {wrong} as `{member.Path}`", (holder, name) => holder[name] = JsonNode.Parse(wrong));

    private static IEnumerable<BentConfig> Unknown(NodeUnderTest node, JsonNode config)
    {
        var bent = config.DeepClone();
        bent["no_such_field"] = 1;
        yield return new BentConfig("With a field `no_such_field`", "no_such_field", bent.ToJsonString());
    }

    private static async IAsyncEnumerable<string> CheckBoundsAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var field in SchemaFields.Of(node.ConfigSchema).Where(field => BoundKeywords.HasIdle(field.Schema)))
        {
            yield return $"`{field.Path}` has a bound that does not apply to its type. Remove Minimum and Maximum, and check the value in Check.";
        }

        await foreach (var message in CheckAsync(node, OutOfBounds, cancellationToken))
        {
            yield return message;
        }
    }

    private static IEnumerable<BentConfig> OutOfBounds(NodeUnderTest node, JsonNode config) =>
        from member in ConfigMembers.Possible(node.ConfigSchema, config)
        let schema = SchemaCheck.Resolve(node.ConfigSchema, member.Schema)
        where schema.ValueKind is JsonValueKind.Object
        from beyond in BoundKeywords.Beyond(schema, ConfigMembers.ValueOf(config, member))
        select ConfigMembers.Bend(config, member, $"With {beyond.What} as `{member.Path}`", (holder, name) => holder[name] = beyond.Value);

    private static IEnumerable<BentConfig> NoObject(NodeUnderTest node, JsonNode config) =>
        NoObjects.Select(text => new BentConfig($"With {text} as the config", "", text));

    private static bool BreaksType(JsonElement root, JsonElement schema, string value)
    {
        var resolved = SchemaCheck.Resolve(root, schema);
        return resolved.ValueKind is JsonValueKind.Object
            && resolved.TryGetProperty("type", out _)
            && SchemaCheck.Problems(root, resolved, JsonElement.Parse(value)).Any(problem => problem.Path.Length == 0);
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
}
