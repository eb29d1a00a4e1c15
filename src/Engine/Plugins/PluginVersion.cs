using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Plugins;

/// <summary>One loaded version of a plugin: its context or process, its nodes, and the number of its calls.</summary>
internal sealed class PluginVersion
{
    private PluginContext? _context;

    /// <summary>Creates a version that runs in a context of the host.</summary>
    public PluginVersion(PluginIdentity identity, PluginContext context, Leases leases, ImmutableArray<PluginNode> nodes, WrittenOff writtenOff)
        : this(identity, leases, nodes, writtenOff) => _context = context;

    /// <summary>Creates a version that runs in a separate process.</summary>
    public PluginVersion(PluginIdentity identity, ProcessKeeper process, Leases leases, ImmutableArray<PluginNode> nodes, WrittenOff writtenOff)
        : this(identity, leases, nodes, writtenOff) => Process = process;

    private PluginVersion(PluginIdentity identity, Leases leases, ImmutableArray<PluginNode> nodes, WrittenOff writtenOff)
    {
        WrittenOff = writtenOff;
        Identity = identity;
        Leases = leases;
        Nodes = nodes;
    }

    public PluginIdentity Identity { get; }

    public Leases Leases { get; }

    /// <summary>Counts the calls of its code that are no longer awaited.</summary>
    public WrittenOff WrittenOff { get; }

    public ImmutableArray<PluginNode> Nodes { get; }

    /// <summary>Keeps its process running; null if it runs in the host.</summary>
    public ProcessKeeper? Process { get; }

    /// <summary>Why it can't run in the host process; empty if it can.</summary>
    public ImmutableArray<Rejection> ProcessOnly { get; init; } = [];

    /// <summary>Whether its content was known when it was loaded, so that its nodes were not asked for their specs.</summary>
    public bool IsKnown { get; init; }

    /// <summary>
    /// Waits for the last call, disposes the nodes and unloads the version. Call it once. The result refers to the plugin until it leaves
    /// memory.
    /// </summary>
    public async Task<WeakReference> CloseAsync()
    {
        Leases.Drain();
        await Leases.Drained;
        foreach (var node in Nodes)
        {
            await node.CloseAsync();
        }

        // A process has ended with its nodes, and leaves nothing in memory.
        return Process is null ? Unload() : new WeakReference(null);
    }

    // Not inlined: a reference to the context in the caller's frame would keep it alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Unload()
    {
        var trace = _context!.Trace;
        _context.Dispose();
        _context = null;
        return trace;
    }
}
