using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Sluice.Sdk.Testing;

/// <summary>The law about cancellation: before the call, and while the node waits for the other side.</summary>
internal static class CancellationLaw
{
    private static readonly TimeSpan LongestCancellation = TimeSpan.FromSeconds(1);

    // Enough for a node to reach its wait, or to finish computing.
    private static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(50);

    public static ImmutableArray<NodeLaw> All { get; } =
        [new("cancellation", "A call ends within a second after its token is cancelled, before or during the call.", CheckAsync)];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var example in node.Spec.Examples)
        {
            if (await CallAsync(node, example, underWay: false, cancellationToken) is { } problem)
            {
                yield return $"\"{example.Summary}\" with a cancelled token {problem}";
            }
        }

        await foreach (var example in node.CallableAsync())
        {
            if (await CallAsync(node, example, underWay: true, cancellationToken) is { } problem)
            {
                yield return $"\"{example.Summary}\", cancelled while it waits for a response, {problem}";
            }
        }
    }

    private static async Task<string?> CallAsync(NodeUnderTest node, NodeExample example, bool underWay, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var environment = new NodeEnvironment { Http = StubHttp.Silent() };
        if (!underWay)
        {
            await source.CancelAsync();
        }

        var token = source.Token;
        var call = Task.Run(() => node.CallAsync(example.Config, environment, token), CancellationToken.None);
        if (underWay)
        {
            await Task.WhenAny(call, environment.Http.Asked, Task.Delay(UnderWay, cancellationToken));
            await source.CancelAsync();
        }

        if (await Task.WhenAny(call, Task.Delay(LongestCancellation, cancellationToken)) != call)
        {
            return "continues for more than a second.";
        }

        return (await call).Thrown is { } thrown and not OperationCanceledException ? $"threw {thrown.GetType().Name}: {thrown.Message}" : null;
    }
}
