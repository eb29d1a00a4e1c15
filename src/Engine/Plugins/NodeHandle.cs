using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>A node that steps hold on to. It is the only place that calls plugin code, and its one catch site turns whatever comes out into data.</summary>
internal abstract class NodeHandle
{
    public abstract NodeDescriptor Descriptor { get; }

    /// <summary>The ports a step with this config (as written) has; the failure's message where the plugin's code threw.</summary>
    public abstract (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config);

    /// <summary>What the node finds wrong with a complete config.</summary>
    public abstract IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config);

    /// <summary>Runs one step under a lease on the plugin's version. Never throws but <see cref="OperationCanceledException"/> for this token.</summary>
    public abstract ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken);
}
