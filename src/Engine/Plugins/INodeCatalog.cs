namespace Sluice.Engine.Plugins;

/// <summary>The nodes of all loaded plugins by type identifier, which workflows are checked and run against.</summary>
internal interface INodeCatalog
{
    /// <summary>Finds the node of a type, in the version for new workflows; null if no plugin has it.</summary>
    NodeHandle? Find(string type);

    /// <summary>Every node, in the version for new workflows, by type identifier.</summary>
    IReadOnlyList<NodeDescriptor> Nodes { get; }

    /// <summary>Returns the node of a type in every loaded version; the version for new workflows comes first.</summary>
    IReadOnlyList<NodeHandle> Versions(string type) => Find(type) is { } node ? [node] : [];
}
