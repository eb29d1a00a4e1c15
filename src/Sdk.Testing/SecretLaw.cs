using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Sdk.Testing;

/// <summary>The law about secrets: a marker replaces each secret, and must not appear anywhere.</summary>
internal static class SecretLaw
{
    private const string Mark = "mark0f7a41c3";

    private static readonly ReadOnlyDictionary<string, string> Secrets = new(new Dictionary<string, string> { ["a_secret"] = Mark });

    public static ImmutableArray<NodeLaw> All { get; } =
        [new("secrets-kept", "No output, failure, exception or log line contains a secret of the config or the context.", CheckAsync)];

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
                ("rejected by the other side", config, HttpStatusCode.Unauthorized, !live.Contains(example)),
                ("cancelled", config, HttpStatusCode.OK, true),
                ("called with an invalid config", wrong.ToJsonString(), HttpStatusCode.OK, !live.Contains(example)),
            })
            {
                cancellationToken.ThrowIfCancellationRequested();
                var environment = new NodeEnvironment { Secrets = Secrets, Http = StubHttp.Json(status, "{}") };
                var call = await node.CallAsync(text, environment, new CancellationToken(isCancelled));
                if (PlaceOf(call, environment) is { } place)
                {
                    yield return $"\"{example.Summary}\", {called}: {place} contains a secret.";
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
