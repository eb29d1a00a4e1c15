using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sluice.Engine.Plugins.Loading;

namespace Sluice.Engine.Plugins;

/// <summary>One loaded version of a plugin: its context, its nodes, and the count of the calls that use it.</summary>
internal sealed class PluginVersion(PluginIdentity identity, PluginContext context, Leases leases, ImmutableArray<PluginNode> nodes)
{
    private PluginContext? _context = context;

    public PluginIdentity Identity => identity;

    public Leases Leases => leases;

    public ImmutableArray<PluginNode> Nodes => nodes;

    /// <summary>Waits for the last call, disposes the nodes and unloads. Only once. What it returns dies when the plugin is gone from memory.</summary>
    public async Task<WeakReference> CloseAsync()
    {
        leases.Drain();
        await leases.Drained;
        foreach (var node in nodes)
        {
            await node.CloseAsync();
        }

        return Unload();
    }

    // Not inlined: a reference to the context left in the caller's frame would hold it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Unload()
    {
        var trace = _context!.Trace;
        _context.Dispose();
        _context = null;
        return trace;
    }
}
