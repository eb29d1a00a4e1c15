using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>The host's own copy of a node's spec: strings and JSON, nothing that holds the plugin in memory.</summary>
internal sealed record NodeDescriptor
{
    public required string Type { get; init; }

    public required string Name { get; init; }

    public required string Category { get; init; }

    public required string Summary { get; init; }

    public required Effect Effect { get; init; }

    public required ImmutableArray<PortSpec> Ports { get; init; }

    public required JsonElement ConfigSchema { get; init; }

    public required JsonElement OutputSchema { get; init; }

    public required ImmutableArray<NodeExample> Examples { get; init; }

    /// <summary>The plugin it comes from: name, version, hash.</summary>
    public required PluginIdentity Plugin { get; init; }
}

/// <summary>Which plugin, exactly.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Version">The version of its entry assembly.</param>
/// <param name="Hash">The SHA-256 of its files' names and contents, lower-case hex.</param>
internal sealed record PluginIdentity(string Name, string Version, string Hash)
{
    /// <summary><c>name@version</c>, as runs record it.</summary>
    public string Label { get; } = $"{Name}@{Version}";
}

/// <summary>What workflows are checked and run against: the nodes of all active plugins, by type identifier.</summary>
internal interface INodeCatalog
{
    /// <summary>The node of a type; null where no active plugin has it.</summary>
    NodeHandle? Find(string type);

    /// <summary>Every node, by type identifier.</summary>
    IReadOnlyList<NodeDescriptor> Nodes { get; }
}
