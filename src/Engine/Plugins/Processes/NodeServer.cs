using System.Collections.Frozen;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>
/// The child's end of the connection: what the host may call. Each call runs on its own pool thread, so that none blocks another.
/// </summary>
/// <param name="loaded">The result of loading the plugin.</param>
/// <param name="nodes">Its nodes, by type identifier.</param>
/// <param name="host">The requests to the host.</param>
/// <param name="outOfMemory">Ends the process: after a call ran out of memory, nothing here is reliable.</param>
internal sealed class NodeServer(WireLoaded loaded, FrozenDictionary<string, INode> nodes, HostCalls host, Action outOfMemory)
{
    public WireLoaded Loaded() => loaded;

    public Task<WirePorts> PortsOfAsync(string node, string config) => Task.Run(() =>
    {
        try
        {
            return new WirePorts(nodes[node].PortsOf(JsonElement.Parse(config)) is { } ports ? [.. ports] : null, null);
        }
        catch (Exception exception)
        {
            return new WirePorts(null, FaultOf(exception));
        }
    });

    public Task<WireProblems> CheckAsync(string node, byte[] config) => Task.Run(() =>
    {
        try
        {
            return new WireProblems(nodes[node].Check(config) is { } problems ? [.. problems] : null, null);
        }
        catch (Exception exception)
        {
            return new WireProblems(null, FaultOf(exception));
        }
    });

    public Task<WireOutcome> RunAsync(WireCall call, CancellationToken cancellationToken) => Task.Run(
        () => CallAsync(call, call.IsCancelled ? new CancellationToken(canceled: true) : cancellationToken), CancellationToken.None);

    /// <summary>Disposes the nodes. This is the last call.</summary>
    public async Task DisposeNodesAsync()
    {
        foreach (var node in nodes.Values)
        {
            await (node switch
            {
                IAsyncDisposable disposable => disposable.DisposeAsync(),
                IDisposable disposable => Dispose(disposable),
                _ => ValueTask.CompletedTask,
            });
        }
    }

    private static ValueTask Dispose(IDisposable disposable)
    {
        disposable.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<WireOutcome> CallAsync(WireCall call, CancellationToken cancellationToken)
    {
        var logger = new HostLogger(host, call.Id, call.LogLevel);
        using var http = new HttpClient(new HostHttpHandler(host, call.Id)) { Timeout = Timeout.InfiniteTimeSpan };
        WireOutcome outcome;
        try
        {
            var context = ContextFor(call, logger, http);
            outcome = OutcomeOf(await nodes[call.Node].RunAsync(call.Config, context, cancellationToken), context);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = new WireOutcome { Kind = WireOutcomeKind.Cancelled };
        }
        catch (Exception exception)
        {
            outcome = new WireOutcome { Kind = WireOutcomeKind.Threw, Fault = FaultOf(exception) };
        }

        await logger.WrittenAsync();
        return outcome;
    }

    private NodeContext ContextFor(WireCall call, HostLogger logger, HttpClient http) => new()
    {
        RunId = call.RunId,
        StepKey = call.StepKey,
        Attempt = call.Attempt,
        IdempotencyKey = call.IdempotencyKey,
        Logger = logger,
        Time = TimeProvider.System,
        Http = http,
        Secrets = call.Secrets,
        Responder = new HostResponder(host, call.Id),
        MaxOutputBytes = call.MaxOutputBytes,
        Wake = call.WakeAt is { } at ? new Wake(at) { Signal = call.Signal, Payload = call.SignalPayload } : null,
    };

    private static WireOutcome OutcomeOf(NodeResult? result, NodeContext context) => result switch
    {
        NodeResult.Completed { Output: var large } when NodeOutput.SizeFailure(large, context) is { } failure => new WireOutcome { Kind = WireOutcomeKind.Failed, Failure = failure },
        NodeResult.Ended { Output: var large } when NodeOutput.SizeFailure(large, context) is { } failure => new WireOutcome { Kind = WireOutcomeKind.Failed, Failure = failure },
        NodeResult.Completed completed => new WireOutcome { Kind = WireOutcomeKind.Completed, Output = completed.Output.ToArray(), Port = completed.Port },
        NodeResult.Ended ended => new WireOutcome
        {
            Kind = WireOutcomeKind.Ended,
            Output = ended.Output.ToArray(),
            Succeeded = ended.Succeeded,
            Message = ended.Message,
        },
        NodeResult.Failed failed => new WireOutcome { Kind = WireOutcomeKind.Failed, Failure = failed.Failure },
        NodeResult.Suspended suspended => new WireOutcome { Kind = WireOutcomeKind.Suspended, Until = suspended.Until, Signal = suspended.Signal },
        _ => new WireOutcome { Kind = WireOutcomeKind.Null },
    };

    private PluginFault FaultOf(Exception exception)
    {
        if (exception is OutOfMemoryException)
        {
            outOfMemory();
        }

        return PluginFault.Of(exception);
    }
}
