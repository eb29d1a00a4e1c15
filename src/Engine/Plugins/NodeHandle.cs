using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>A node that steps hold on to. It is the only place that calls plugin code, and its one catch site turns whatever comes out into data.</summary>
internal abstract class NodeHandle
{
    public abstract NodeDescriptor Descriptor { get; }

    /// <summary>Whether it runs in a process of its own.</summary>
    public virtual bool RunsApart => false;

    /// <summary>The ports a step with this config (as written) has; the failure's message where the plugin's code threw.</summary>
    public abstract (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config);

    /// <summary>What the node finds wrong with a complete config.</summary>
    public abstract IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config);

    /// <summary>Runs one step under a lease on the plugin's version. Never throws but <see cref="OperationCanceledException"/> for this token.</summary>
    /// <exception cref="PluginGoneException">No version that could run it is here.</exception>
    public abstract ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a lease on the version that will run the step: this one, or where it lets no more calls in, the one that came after it. What it returns
    /// is run with <see cref="RunEnteredAsync"/>, once, which ends the lease, or left with <see cref="Leave"/>. Null where no version that could run it is
    /// here.
    /// </summary>
    public virtual NodeHandle? Enter() => this;

    /// <summary>Ends the lease that <see cref="Enter"/> took of a step that is not run after all.</summary>
    public virtual void Leave()
    {
    }

    /// <summary>Notes that the host gave up a call, which keeps its lease and maybe a thread until it comes back.</summary>
    public virtual void GiveUp()
    {
    }

    /// <summary>Notes that a call which was given up has come back.</summary>
    public virtual void ComeBack()
    {
    }

    /// <summary>Runs one step under the lease that <see cref="Enter"/> took.</summary>
    public virtual ValueTask<NodeResult> RunEnteredAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        RunAsync(config, context, cancellationToken);
}
