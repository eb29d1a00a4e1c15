using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>A node that lives in another process, as the host sees it: a node like any other.</summary>
internal sealed class ProcessNode(NodeSpec spec, ProcessKeeper keeper) : INode, IAsyncDisposable
{
    public NodeSpec Spec => spec;

    // These two of the contract do not wait; whoever asks is publishing a workflow, or has a node whose ports depend on its config. The wire's own
    // work goes on beside, on the pool.
    public IReadOnlyList<string> PortsOf(JsonElement config) =>
        Task.Run(() => keeper.AskAsync(process => process.PortsOfAsync(spec.Type, config))).GetAwaiter().GetResult()!;

    public IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) =>
        Task.Run(() => keeper.AskAsync(process => process.CheckAsync(spec.Type, config))).GetAwaiter().GetResult()!;

    public ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        keeper.RunAsync(spec.Type, config, context, cancellationToken);

    /// <summary>Ends the process, with all nodes of the plugin: they are disposed together.</summary>
    public ValueTask DisposeAsync() => keeper.DisposeAsync();
}
