using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// Tries a version's nodes before it goes live: each example must pass the node's own check, and the examples of nodes without side effects
/// (<see cref="Effect.None"/>) are run and their outputs checked against the output schema.
/// </summary>
internal sealed class SmokeCheck(LoadDeadline deadline, TimeProvider time)
{
    /// <summary>The time limit of an example; a pure node has nothing to wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // The contract gives a node this long to respond to cancellation.
    private static readonly TimeSpan CancellationGrace = TimeSpan.FromSeconds(1);

    /// <remarks>
    /// Runs the nodes at the same time, but the examples of one in sequence: the first compiles the code that the next ones use.
    /// </remarks>
    /// <exception cref="PluginRejectedException">The plugin's deadline has passed.</exception>
    public async Task<ImmutableArray<Rejection>> RunAsync(ImmutableArray<PluginNode> nodes)
    {
        var found = await Task.WhenAll(nodes.Select(RunAsync));
        return [.. found.SelectMany(rejections => rejections)];
    }

    private async Task<List<Rejection>> RunAsync(PluginNode node)
    {
        var found = new List<Rejection>();
        foreach (var example in node.Descriptor.Examples)
        {
            if (await ProblemOfAsync(node, example) is { } problem)
            {
                found.Add(new Rejection("example", $"The example '{example.Summary}' of node '{node.Descriptor.Type}' {problem}"));
            }
        }

        return found;
    }

    private async Task<string?> ProblemOfAsync(PluginNode node, NodeExample example)
    {
        var config = Encoding.UTF8.GetBytes(example.Config);
        var refusals = await deadline.RunAsync($"The check of node '{node.Descriptor.Type}'", "A check only looks at the config; move what waits to RunAsync.", () => node.CheckHere(config));
        if (refusals is [var refused, ..])
        {
            return $"is rejected by the node's own check: {refused.Path} {refused.Message}";
        }

        // Outside of a workflow, expressions have no value.
        return node.Descriptor.Effect != Effect.None || ExpressionMark.IsIn(example.Config) ? null : await RunAsync(node, example, config);
    }

    private async Task<string?> RunAsync(PluginNode node, NodeExample example, byte[] config)
    {
        using var http = new HttpClient(new NoNetwork());
        using var patience = new CancellationTokenSource(Patience, time);
        var (what, cure) = ($"The example '{example.Summary}' of node '{node.Descriptor.Type}'", "A node with Effect.None only computes; give it another effect, or shorter examples.");
        var token = patience.Token;
        var (isDone, result) = await deadline.TryAsync(what, cure, Patience + CancellationGrace, () => node.RunAsync(config, ContextFor(node, http), token).AsTask());
        return !isDone
            ? $"did not end within {Patience.TotalSeconds:0} s. A node with Effect.None only computes; give it another effect, or a shorter example."
            : result switch
            {
                NodeResult.Completed completed => OutputProblem(node, completed.Output),
                NodeResult.Ended ended => OutputProblem(node, ended.Output),
                NodeResult.Failed failed => $"fails: {failed.Failure.Kind}: {failed.Failure.Message}",
                _ => null,
            };
    }

    private static string? OutputProblem(PluginNode node, ReadOnlyMemory<byte> output) =>
        SchemaCheck.Problems(node.Descriptor.OutputSchema, JsonElement.Parse(output.Span)) is [var problem, ..]
            ? $"returns an output that does not match the node's output schema: {problem.Path} {problem.Message}"
            : null;

    private NodeContext ContextFor(PluginNode node, HttpClient http) => new()
    {
        RunId = "smoke-check",
        StepKey = node.Descriptor.Type,
        IdempotencyKey = $"smoke-check:{node.Descriptor.Type}",
        Logger = NullLogger.Instance,
        Time = time,
        Http = http,
        Responder = SilentResponder.Instance,
    };

    /// <summary>Rejects every request, because a trial must have no side effects.</summary>
    private sealed class NoNetwork : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("A node with Effect.None touches nothing; this one sent a request.");
    }
}
