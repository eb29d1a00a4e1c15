using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>The host's own copy of a node's spec: only strings and JSON, so that it does not keep the plugin in memory.</summary>
internal sealed record NodeDescriptor
{
    public required string Type { get; init; }

    public required string Name { get; init; }

    public required string Category { get; init; }

    public required string Summary { get; init; }

    public required Effect Effect { get; init; }

    /// <summary>What a second call with the same idempotency key does, as documented by the author; null if omitted.</summary>
    public string? OnRepeat { get; init; }

    public required ImmutableArray<PortSpec> Ports { get; init; }

    public required JsonElement ConfigSchema { get; init; }

    public required JsonElement OutputSchema { get; init; }

    public required ImmutableArray<NodeExample> Examples { get; init; }

    /// <summary>The plugin it comes from: name, version and hash.</summary>
    public required PluginIdentity Plugin { get; init; }
}
