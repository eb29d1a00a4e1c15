using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>A node as steps refer to it. Only here is plugin code called, and every exception becomes data at one place.</summary>
internal abstract class NodeHandle
{
    public abstract NodeDescriptor Descriptor { get; }

    /// <summary>Whether it runs in a separate process.</summary>
    public virtual bool RunsApart => false;

    /// <summary>Returns the ports of a step with this config (as written), and the message if the plugin's code threw.</summary>
    public abstract (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config);

    /// <summary>Returns the problems that the node finds in a complete config.</summary>
    public abstract IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config);

    /// <summary>
    /// Runs one step under a lease on the plugin's version. Throws only <see cref="OperationCanceledException"/> for this token.
    /// </summary>
    /// <exception cref="PluginGoneException">No loaded version can run it.</exception>
    public abstract ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a lease on the version that will run the step: this one, or its successor if it admits no more calls. Either run the result
    /// with <see cref="RunEnteredAsync"/>, once, which ends the lease, or end it with <see cref="Leave"/>. Null if no loaded version can
    /// run it.
    /// </summary>
    public virtual NodeHandle? Enter() => this;

    /// <summary>Ends the lease that <see cref="Enter"/> took, if the step is not run.</summary>
    public virtual void Leave()
    {
    }

    /// <summary>Records that the host abandoned a call, which keeps its lease, and perhaps a thread, until it returns.</summary>
    public virtual void GiveUp()
    {
    }

    /// <summary>Records that an abandoned call has returned.</summary>
    public virtual void ComeBack()
    {
    }

    /// <summary>Runs one step under the lease that <see cref="Enter"/> took.</summary>
    public virtual ValueTask<NodeResult> RunEnteredAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        RunAsync(config, context, cancellationToken);
}
