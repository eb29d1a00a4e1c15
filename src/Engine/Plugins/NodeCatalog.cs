using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>The nodes of all plugin versions that admit calls. Readers always see a consistent state.</summary>
internal sealed class NodeCatalog : INodeCatalog
{
    private volatile NodeSnapshot _state = new([]);

    public IReadOnlyList<NodeDescriptor> Nodes => _state.Nodes;

    public NodeHandle? Find(string type) => _state.Handles.TryGetValue(type, out var versions) ? versions[0] : null;

    public IReadOnlyList<NodeHandle> Versions(string type) => _state.Handles.GetValueOrDefault(type) ?? [];

    /// <summary>
    /// Returns the version to call instead of one that admits no more calls: the best of the same plugin and major number.
    /// </summary>
    public PluginNode? SuccessorOf(NodeDescriptor node)
    {
        foreach (var candidate in _state.Handles.GetValueOrDefault(node.Type) ?? [])
        {
            if (candidate.Descriptor.Plugin.IsCompatibleWith(node.Plugin))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Replaces all nodes. Of several with the same type, the first is the one for new workflows.</summary>
    public void Publish(IEnumerable<PluginNode> nodes) => _state = new NodeSnapshot([.. nodes]);

    private sealed class NodeSnapshot(ImmutableArray<PluginNode> nodes)
    {
        public FrozenDictionary<string, PluginNode[]> Handles { get; } = nodes
            .GroupBy(node => node.Descriptor.Type, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

        public ImmutableArray<NodeDescriptor> Nodes { get; } =
        [
            .. nodes.DistinctBy(node => node.Descriptor.Type, StringComparer.Ordinal)
                .Select(node => node.Descriptor).OrderBy(descriptor => descriptor.Type, StringComparer.Ordinal),
        ];
    }
}
