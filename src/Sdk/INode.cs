using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>The code behind a step: it takes a config and returns an output, both as JSON.</summary>
/// <remarks>
/// <para>Most nodes derive from <see cref="PureNode{TConfig, TOutput}"/> or <see cref="Node{TConfig, TOutput}"/> instead of implementing this interface.</para>
/// <para>The contract suite of <c>Sluice.Sdk.Testing</c> checks every node against these laws:</para>
/// <list type="bullet">
/// <item>A node has a public constructor without parameters that does no work. The host creates one instance per plugin version. It may create the nodes of a plugin
/// and read their specs concurrently.</item>
/// <item>Every member is thread-safe. No data of one run is kept for another.</item>
/// <item>A call does not change the config, and uses neither the config nor the context after it has completed.</item>
/// <item>An expected error is returned as <see cref="NodeResult.Failed"/>. An exception is a defect of the node.</item>
/// <item>A cancelled token ends the call within a second.</item>
/// <item>A node with <see cref="Effect.External"/> passes on the idempotency key, or its spec says what a repeated call does.</item>
/// <item>No output, failure or log line contains a secret.</item>
/// <item>A node with <see cref="Effect.None"/> returns the same result for the same config, and does not affect the world.</item>
/// <item>A node that implements <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> can be disposed without a call, and twice.</item>
/// </list>
/// <para>New members of this interface have a default implementation, so that existing plugins keep loading.</para>
/// </remarks>
public interface INode
{
    /// <summary>The description of this node. It is the same every time.</summary>
    NodeSpec Spec { get; }

    /// <summary>
    /// Returns the names of the ports that a step with this config has; by default, the ports of the spec. The config is as written in the workflow, so values
    /// can be <c>{{ expressions }}</c>: read names of members, not values.
    /// </summary>
    IReadOnlyList<string> PortsOf(JsonElement config) => [.. Spec.Ports.Select(port => port.Name)];

    /// <summary>
    /// Finds the problems of a config that its schema cannot express; empty if there are none. The host calls it when a workflow is published, with configs
    /// that contain no expression.
    /// </summary>
    IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => [];

    /// <summary>Executes one step.</summary>
    /// <param name="config">The config of the step, as UTF-8 JSON, with all expressions evaluated.</param>
    /// <param name="context">What the host provides for this call.</param>
    /// <param name="cancellationToken">Cancelled when the run is cancelled, the timeout of the step passes, or the host stops.</param>
    ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken);
}

/// <summary>A problem of a config.</summary>
/// <param name="Path">The path of the invalid field, such as <c>conditions[0].operator</c>; empty for the whole config.</param>
/// <param name="Message">The rule that is broken, and the fix.</param>
public sealed record ConfigProblem(string Path, string Message);
