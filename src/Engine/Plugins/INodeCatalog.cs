namespace Sluice.Engine.Plugins;

/// <summary>What workflows are checked and run against: the nodes of all plugins that are here, by type identifier.</summary>
internal interface INodeCatalog
{
    /// <summary>The node of a type, in the version that new workflows get; null where no plugin has it.</summary>
    NodeHandle? Find(string type);

    /// <summary>Every node, in the version that new workflows get, by type identifier.</summary>
    IReadOnlyList<NodeDescriptor> Nodes { get; }

    /// <summary>The node of a type in every version that is here; the one that new workflows get comes first.</summary>
    IReadOnlyList<NodeHandle> Versions(string type) => Find(type) is { } node ? [node] : [];
}
