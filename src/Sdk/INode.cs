using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>The code behind a step: JSON config in, JSON output out.</summary>
/// <remarks>
/// <para>Most nodes derive from <see cref="Node{TConfig, TOutput}"/> and never implement this interface themselves.</para>
/// <para>The laws, which the contract suite of <c>Sluice.Sdk.Testing</c> holds every node to:</para>
/// <list type="bullet">
/// <item>A node has a public constructor without parameters that does no work. The host makes one instance for a plugin version; the nodes of a plugin may be made,
/// and asked for their specs, at the same time.</item>
/// <item>Every member is safe to call from many threads at once; nothing of one run is kept for another.</item>
/// <item>The config is not changed, and neither the config nor the context is used after the call has completed.</item>
/// <item>What goes wrong with the world is returned as <see cref="NodeResult.Failed"/>; an exception is a defect of the node.</item>
/// <item>A cancelled token ends the call within a second.</item>
/// <item>A node with <see cref="Effect.External"/> hands the idempotency key on, or its spec says what a repeated call does.</item>
/// <item>A secret shows in no output, no failure and no log line.</item>
/// <item>A node with <see cref="Effect.None"/> gives the same answer to the same config and never touches the world.</item>
/// <item>A node that also implements <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> may be disposed unused, and twice.</item>
/// <item>New members of this interface will always have a default implementation, so a plugin that was built once keeps loading.</item>
/// </list>
/// </remarks>
public interface INode
{
    /// <summary>What this node is; the same answer every time.</summary>
    NodeSpec Spec { get; }

    /// <summary>
    /// The names of the ports that a step with this config has. The config is as written in the workflow, so its values may still be
    /// <c>{{ expressions }}</c>: read the names in it, not the values. By default the ports of the spec.
    /// </summary>
    IReadOnlyList<string> PortsOf(JsonElement config) => [.. Spec.Ports.Select(port => port.Name)];

    /// <summary>
    /// What is wrong with a config beyond what its schema can say; empty where nothing is. Called with complete configs only (no expression
    /// left in them), when a workflow is published.
    /// </summary>
    IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => [];

    /// <summary>Runs one step.</summary>
    /// <param name="config">The step's config as UTF-8 JSON, every expression evaluated.</param>
    /// <param name="context">What the host lends to this call.</param>
    /// <param name="cancellationToken">Cancelled when the run is cancelled, the step's timeout passes, or the host stops.</param>
    ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken);
}

/// <summary>One thing that is wrong with a config.</summary>
/// <param name="Path">Where in the config, for example <c>conditions[0].operator</c>; empty for the whole.</param>
/// <param name="Message">The rule that is broken and how to mend it.</param>
public sealed record ConfigProblem(string Path, string Message);
