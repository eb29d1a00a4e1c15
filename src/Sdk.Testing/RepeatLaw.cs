using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;

namespace Sluice.Sdk.Testing;

/// <summary>The law about repeated calls: a step that runs again after a crash has one effect, or its spec says otherwise.</summary>
internal static class RepeatLaw
{
    private const string Key = "idempotency-key-5f2b9c";

    // A repeated request with one of these methods can have a second effect (RFC 9110, section 9.2.2).
    private static readonly ImmutableArray<string> NotIdempotent = ["POST", "PATCH"];

    public static ImmutableArray<NodeLaw> All { get; } =
    [
        new("idempotency-key", "A node with Effect.External sends the idempotency key with each POST and PATCH, or its spec says what a repeated call does.", CheckAsync),
    ];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (node.Spec.Effect is not Effect.External || !string.IsNullOrWhiteSpace(node.Spec.OnRepeat))
        {
            yield break;
        }

        var seen = 0;
        await foreach (var example in node.CallableAsync())
        {
            var environment = new NodeEnvironment { IdempotencyKey = Key, Http = StubHttp.Json(HttpStatusCode.OK, "{}") };
            await node.CallAsync(example.Config, environment, cancellationToken);
            foreach (var request in environment.Http.Requests)
            {
                seen++;
                if (NotIdempotent.Contains(request.Method) && !Holds(request))
                {
                    yield return $"\"{example.Summary}\" sends {request.Method} {request.Address.Host} without context.IdempotencyKey. Send it, for example as the header "
                        + "Idempotency-Key, or describe a second call in OnRepeat of [Node].";
                }
            }
        }

        if (seen == 0)
        {
            yield return "The node has Effect.External, but no example sends a request through context.Http. In OnRepeat of [Node], describe a second call with the "
                + "same idempotency key. Derive a node that only computes from PureNode.";
        }
    }

    private static bool Holds(StubRequest request) =>
        request.Address.OriginalString.Contains(Key, StringComparison.Ordinal)
        || request.Body.Contains(Key, StringComparison.Ordinal)
        || request.Headers.Values.Any(value => value.Contains(Key, StringComparison.Ordinal));
}
