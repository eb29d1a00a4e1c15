using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>The nodes of all versions of plugins that let calls in; readers always see one whole state.</summary>
internal sealed class NodeCatalog : INodeCatalog
{
    private volatile NodeSnapshot _state = new([]);

    public IReadOnlyList<NodeDescriptor> Nodes => _state.Nodes;

    public NodeHandle? Find(string type) => _state.Handles.TryGetValue(type, out var versions) ? versions[0] : null;

    public IReadOnlyList<NodeHandle> Versions(string type) => _state.Handles.GetValueOrDefault(type) ?? [];

    /// <summary>The version to call instead of one that lets no more calls in: of the same plugin and major number, the best there is.</summary>
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

    /// <summary>Replaces all nodes. Of those with one type, the first is the one that new workflows get.</summary>
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
