using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>A node in another process, which the host uses like any other.</summary>
internal sealed class ProcessNode(NodeSpec spec, ProcessKeeper keeper) : INode, IAsyncDisposable
{
    public NodeSpec Spec => spec;

    // These two members of the contract are synchronous. Their callers publish a workflow, or have a node whose ports depend on its config.
    // The connection's own work continues on the pool.
    public IReadOnlyList<string> PortsOf(JsonElement config) =>
        Task.Run(() => keeper.AskAsync(process => process.PortsOfAsync(spec.Type, config))).GetAwaiter().GetResult()!;

    public IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) =>
        Task.Run(() => keeper.AskAsync(process => process.CheckAsync(spec.Type, config))).GetAwaiter().GetResult()!;

    public ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        keeper.RunAsync(spec.Type, config, context, cancellationToken);

    /// <summary>Ends the process with all nodes of the plugin, which are disposed together.</summary>
    public ValueTask DisposeAsync() => keeper.DisposeAsync();
}
