using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>The law that a secret stays one: a mark stands in for each, and may show up nowhere.</summary>
internal static class SecretLaw
{
    private const string Mark = "mark0f7a41c3";

    private static readonly ReadOnlyDictionary<string, string> Secrets = new(new Dictionary<string, string> { ["a_secret"] = Mark });

    public static ImmutableArray<NodeLaw> All { get; } =
        [new("secrets-kept", "No secret of the config or the context is in an output, a failure, an exception or a log line.", CheckAsync)];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var live = await node.CallableAsync().ToListAsync(cancellationToken);
        foreach (var example in node.Spec.Examples)
        {
            var config = WithMarks(node.ConfigSchema, example.Config);
            var wrong = JsonNode.Parse(config)!;
            wrong["no_such_field"] = 1;
            foreach (var (called, text, status, isCancelled) in new[]
            {
                ("called", config, HttpStatusCode.OK, !live.Contains(example)),
                ("refused by the other side", config, HttpStatusCode.Unauthorized, !live.Contains(example)),
                ("cancelled", config, HttpStatusCode.OK, true),
                ("called with a config that is wrong", wrong.ToJsonString(), HttpStatusCode.OK, !live.Contains(example)),
            })
            {
                cancellationToken.ThrowIfCancellationRequested();
                var environment = new NodeEnvironment { Secrets = Secrets, Http = StubHttp.Json(status, "{}") };
                var call = await node.CallAsync(text, environment, new CancellationToken(isCancelled));
                if (PlaceOf(call, environment) is { } place)
                {
                    yield return $"\"{example.Summary}\", {called}: a secret is in {place}.";
                }
            }
        }
    }

    private static string WithMarks(JsonElement schema, string config)
    {
        var secrets = ConfigMembers.Of(schema, JsonNode.Parse(config)!)
            .Where(member => member.Schema.ValueKind is JsonValueKind.Object && member.Schema.TryGetProperty("writeOnly", out var secret) && secret.GetBoolean());
        return secrets.Aggregate(config, (text, member) => ConfigMembers.Bend(JsonNode.Parse(text)!, member, "", (holder, name) =>
        {
            if (holder[name]?.GetValueKind() is JsonValueKind.String)
            {
                holder[name] = Mark;
            }
        }).Config);
    }

    private static string? PlaceOf(Call call, NodeEnvironment environment) =>
        Holds(call.Outcome?.Output?.GetRawText()) ? "the output"
        : Holds(call.Outcome?.Failure?.ToString()) ? "the failure"
        : Holds(call.Outcome?.End?.Message) ? "the end of the run"
        : Holds(call.Thrown?.ToString()) ? "the exception"
        : environment.Logger.Lines.Any(line => Holds(line.Message) || Holds(line.Exception)) ? "the log"
        : null;

    private static bool Holds(string? text) => text is not null && text.Contains(Mark, StringComparison.Ordinal);
}
