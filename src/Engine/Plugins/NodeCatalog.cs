using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>The nodes of all active plugins; readers always see one whole state.</summary>
internal sealed class NodeCatalog : INodeCatalog
{
    private volatile State _state = new([]);

    public IReadOnlyList<NodeDescriptor> Nodes => _state.Nodes;

    public NodeHandle? Find(string type) => _state.Handles.GetValueOrDefault(type);

    /// <summary>Replaces all nodes; each type stands among them once.</summary>
    public void Publish(IEnumerable<PluginNode> nodes) => _state = new State([.. nodes]);

    private sealed class State(ImmutableArray<PluginNode> nodes)
    {
        public FrozenDictionary<string, PluginNode> Handles { get; } = nodes.ToFrozenDictionary(node => node.Descriptor.Type, StringComparer.Ordinal);

        public ImmutableArray<NodeDescriptor> Nodes { get; } =
            [.. nodes.Select(node => node.Descriptor).OrderBy(descriptor => descriptor.Type, StringComparer.Ordinal)];
    }
}
