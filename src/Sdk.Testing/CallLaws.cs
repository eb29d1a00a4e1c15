using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Sluice.Sdk.Testing;

/// <summary>The laws about calls of a node, which use its examples.</summary>
internal static class CallLaws
{
    // One status of each class that nodes distinguish.
    private static readonly ImmutableArray<HttpStatusCode> FailingStatuses =
        [HttpStatusCode.InternalServerError, HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests];

    public static ImmutableArray<NodeLaw> All { get; } =
    [
        new("examples-run", "Every example runs. Its output matches the output schema and the output that the example shows.", CheckExamples),
        new("ports-declared", "A call leaves through a port of its config, and PortsOf returns the ports of any config.", CheckPorts),
        new("input-untouched", "A call does not change the bytes of its config.", CheckInput),
        new("independent", "Concurrent calls of one instance have the same results as single calls.", CheckIndependent),
        new("same-answer", "A node with Effect.None returns the same result for the same config.", CheckSameAnswer),
        new("effect-declared", "A node replies if and only if it has Effect.Reply, and a node with Effect.None sends no request.", CheckEffect),
        new("failures-named", "A failure has a snake_case kind of at most 64 characters, and a message.", CheckFailures),
        new("disposable", "An instance can be disposed without a call, and twice.", CheckDisposal),
    ];

    private static async IAsyncEnumerable<string> CheckExamples(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var example in node.Runnable)
        {
            var call = await node.CallAsync(example.Config, new NodeEnvironment(), cancellationToken);
            if (call.Outcome?.Output is not { } output)
            {
                yield return $"\"{example.Summary}\" must return an output, but {call}.";
                continue;
            }

            foreach (var problem in SchemaCheck.Problems(node.OutputSchema, output))
            {
                yield return $"\"{example.Summary}\": the output does not match its schema: {problem.Path} {problem.Message}";
            }

            if (example.Output is { } shown && !JsonElement.DeepEquals(JsonElement.Parse(shown), output))
            {
                yield return $"\"{example.Summary}\" shows the output {shown}, but returns {output.GetRawText()}.";
            }
        }
    }

    private static async IAsyncEnumerable<string> CheckPorts(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var config in (string[])["{}", "null", "\"{{ trigger.output.body }}\"", .. node.Spec.Examples.Select(example => WithExpressions(example.Config))])
        {
            if (PortsOf(node, config, out _) is { } thrown)
            {
                yield return $"PortsOf({config}) threw {thrown}";
            }
        }

        foreach (var example in node.Runnable)
        {
            var port = (await node.CallAsync(example.Config, new NodeEnvironment(), cancellationToken)).Outcome?.Port;
            if (PortsOf(node, example.Config, out var ports) is null && (port is null ? ports.Count > 0 && example.Port is not null : !ports.Contains(port)))
            {
                yield return $"\"{example.Summary}\" leaves through {Named(port)}, but its config has the ports {string.Join(", ", ports)}.";
            }

            if (example.Port is { } shown && shown != port)
            {
                yield return $"\"{example.Summary}\" shows the port {Named(shown)}, but leaves through {Named(port)}.";
            }
        }
    }

    private static async IAsyncEnumerable<string> CheckInput(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var example in node.Spec.Examples)
        {
            var config = Encoding.UTF8.GetBytes(example.Config);
            var before = config.ToArray();
            using var cancelled = new CancellationTokenSource();
            if (example.NeedsNetwork)
            {
                await cancelled.CancelAsync();
            }

            await NodeUnderTest.CallAsync(node.New(), config, new NodeEnvironment(), cancelled.Token);
            cancellationToken.ThrowIfCancellationRequested();
            if (!config.AsSpan().SequenceEqual(before))
            {
                yield return $"\"{example.Summary}\": the call changed its config.";
            }
        }
    }

    // All calls run concurrently, several times. Examples whose results differ anyway are not compared.
    private static async IAsyncEnumerable<string> CheckIndependent(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int copies = 8;
        var alone = new Dictionary<NodeExample, string>();
        foreach (var example in node.Runnable)
        {
            var first = await node.CallAsync(example.Config, new NodeEnvironment(), cancellationToken);
            var second = await node.CallAsync(example.Config, new NodeEnvironment(), cancellationToken);
            if (first.ToString() == second.ToString())
            {
                alone[example] = first.ToString();
            }
        }

        var shared = node.New();
        var calls = Enumerable.Range(0, copies).SelectMany(_ => alone.Keys).Select(example => Task.Run(
            async () => (example, call: await NodeUnderTest.CallAsync(shared, Encoding.UTF8.GetBytes(example.Config), new NodeEnvironment(), cancellationToken)),
            cancellationToken));
        foreach (var (example, call) in (await Task.WhenAll(calls)).DistinctBy(done => (done.example, done.call.ToString())))
        {
            if (call.ToString() != alone[example])
            {
                yield return $"\"{example.Summary}\" returned {alone[example]} alone, but {call} concurrently with others.";
            }
        }
    }

    private static async IAsyncEnumerable<string> CheckSameAnswer(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (node.Spec.Effect is not Effect.None)
        {
            yield break;
        }

        var instance = node.New();
        foreach (var example in node.Runnable)
        {
            var first = await NodeUnderTest.CallAsync(instance, Encoding.UTF8.GetBytes(example.Config), new NodeEnvironment(), cancellationToken);
            var second = await NodeUnderTest.CallAsync(instance, Encoding.UTF8.GetBytes(example.Config), new NodeEnvironment { Attempt = 2 }, cancellationToken);
            if (first.ToString() != second.ToString())
            {
                yield return $"\"{example.Summary}\" returned {first} first, but {second} the second time.";
            }
        }
    }

    private static async IAsyncEnumerable<string> CheckEffect(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var example in node.Runnable)
        {
            var environment = new NodeEnvironment();
            await node.CallAsync(example.Config, environment, cancellationToken);
            var replies = environment.Responder.Offered.Length;
            if (node.Spec.Effect is Effect.Reply ? replies != 1 : replies > 0)
            {
                yield return $"\"{example.Summary}\" replied {replies} times, but the node declares Effect.{node.Spec.Effect}.";
            }

            if (node.Spec.Effect is Effect.None && environment.Http.Requests is { IsEmpty: false } requests)
            {
                yield return $"\"{example.Summary}\" sent a request to {requests[0].Address.Host}, but the node declares Effect.None.";
            }
        }
    }

    private static async IAsyncEnumerable<string> CheckFailures(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Func<StubHttp>[] networks = [() => new StubHttp(), .. FailingStatuses.Select(status => (Func<StubHttp>)(() => StubHttp.Json(status, "{}")))];
        await foreach (var example in node.CallableAsync())
        {
            foreach (var network in networks)
            {
                var call = await node.CallAsync(example.Config, new NodeEnvironment { Http = network() }, cancellationToken);
                if (call.Outcome?.Failure is { } failure && (!FailureKind.IsWellFormed(failure.Kind) || string.IsNullOrWhiteSpace(failure.Message)))
                {
                    yield return $"\"{example.Summary}\" {call}. The kind must be snake_case, such as {FailureKind.Unavailable}, and the message must not be empty.";
                }
            }
        }
    }

    private static async IAsyncEnumerable<string> CheckDisposal(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var instance = node.New();
        foreach (var time in new[] { "unused", "a second time" })
        {
            cancellationToken.ThrowIfCancellationRequested();
            string? thrown = null;
            try
            {
                if (instance is IAsyncDisposable asynchronous)
                {
                    await asynchronous.DisposeAsync();
                }
                else if (instance is IDisposable disposable)
                {
                    disposable.Dispose();
                }
            }
            catch (Exception exception)
            {
                thrown = $"Disposing it {time} threw {exception.GetType().Name}: {exception.Message}";
            }

            if (thrown is not null)
            {
                yield return thrown;
            }
        }
    }

    // The config with an expression for every value, as a workflow can have it.
    private static string WithExpressions(string config)
    {
        var members = JsonElement.Parse(config).EnumerateObject().Select(member => $"\"{JsonEncodedText.Encode(member.Name)}\":\"{{{{ a.output }}}}\"");
        return $"{{{string.Join(',', members)}}}";
    }

    private static string? PortsOf(NodeUnderTest node, string config, out IReadOnlyList<string> ports)
    {
        ports = [];
        try
        {
            ports = node.New().PortsOf(JsonElement.Parse(config));
            return null;
        }
        catch (Exception exception) when (exception is not UnusableNodeException)
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }

    private static string Named(string? port) => port is null ? "no port" : $"`{port}`";
}
