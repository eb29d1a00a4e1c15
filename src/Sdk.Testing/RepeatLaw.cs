using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;

namespace Sluice.Sdk.Testing;

/// <summary>The law that a step which is called again after a crash does not do its work twice, or says that it does.</summary>
internal static class RepeatLaw
{
    private const string Key = "idempotency-key-5f2b9c";

    // RFC 9110, section 9.2.2: the methods of which a repeated request may have a second effect.
    private static readonly ImmutableArray<string> NotIdempotent = ["POST", "PATCH"];

    public static ImmutableArray<NodeLaw> All { get; } =
    [
        new("idempotency-key", "A node with Effect.External hands the idempotency key on with each POST and PATCH, or its spec says what a repeated call does.", CheckAsync),
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
                    yield return $"\"{example.Summary}\" sends {request.Method} {request.Address.Host} without context.IdempotencyKey; send it, for example as the header "
                        + "Idempotency-Key, or set OnRepeat on [Node] to what a second call does.";
                }
            }
        }

        if (seen == 0)
        {
            yield return "The node has Effect.External, and no example sends a request through context.Http: set OnRepeat on [Node] to what a second call with the "
                + "same idempotency key does. A node that only computes has Effect.None.";
        }
    }

    private static bool Holds(StubRequest request) =>
        request.Address.OriginalString.Contains(Key, StringComparison.Ordinal)
        || request.Body.Contains(Key, StringComparison.Ordinal)
        || request.Headers.Values.Any(value => value.Contains(Key, StringComparison.Ordinal));
}
