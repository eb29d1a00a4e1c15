using Sluice.Engine.Plugins;

namespace Sluice.Engine.Publishing;

/// <summary>The nodes as one workflow sees them: of its pinned plugins the chosen version, of all others the current one.</summary>
/// <param name="all">All nodes.</param>
/// <param name="pins">The plugins that the workflow was checked against.</param>
/// <param name="chosen">The chosen versions, by plugin name.</param>
internal sealed class PinnedNodes(INodeCatalog all, IEnumerable<PluginPin> pins, IReadOnlyDictionary<string, PluginIdentity> chosen) : INodeCatalog
{
    private readonly Dictionary<string, string> _plugins = pins.ToDictionary(pin => pin.Type, pin => pin.Plugin.Name, StringComparer.Ordinal);

    public IReadOnlyList<NodeDescriptor> Nodes => all.Nodes;

    public NodeHandle? Find(string type) => _plugins.TryGetValue(type, out var plugin)
        ? all.Versions(type).FirstOrDefault(node => node.Descriptor.Plugin == chosen[plugin])
        : all.Find(type);
}
