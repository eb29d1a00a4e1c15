namespace Sluice.Sdk;

/// <summary>
/// Describes a node. Validation, documentation, completion and contract tests are derived from it.
/// </summary>
public sealed record NodeSpec
{
    /// <summary>The type identifier, in snake_case.</summary>
    public required string Type { get; init; }

    /// <summary>The display name.</summary>
    public required string Name { get; init; }

    /// <summary>The category in the catalogue.</summary>
    public required string Category { get; init; }

    /// <summary>What the node does, in one or two sentences.</summary>
    public required string Summary { get; init; }

    /// <summary>How the node affects the world.</summary>
    public required Effect Effect { get; init; }

    /// <summary>What a second call with the same idempotency key does; null if every request sends the key, or if nothing can be repeated.</summary>
    public string? OnRepeat { get; init; }

    /// <summary>The ports that every step of this node has; empty if the node has one unnamed exit, or if its ports depend on the config.</summary>
    public IReadOnlyList<PortSpec> Ports { get; init; } = [];

    /// <summary>The JSON Schema (2020-12) of the config, as JSON: a closed object with a description of every field.</summary>
    public required string ConfigSchema { get; init; }

    /// <summary>The JSON Schema (2020-12) of the output, as JSON.</summary>
    public required string OutputSchema { get; init; }

    /// <summary>Worked examples; empty by default.</summary>
    public IReadOnlyList<NodeExample> Examples { get; init; } = [];
}

/// <summary>A named exit of a node.</summary>
/// <param name="Name">The name that the <c>branches</c> of a step use.</param>
/// <param name="Description">When the node leaves through it.</param>
public sealed record PortSpec(string Name, string Description);

/// <summary>A worked example of a node.</summary>
/// <param name="Summary">What the example shows.</param>
/// <param name="Config">The config, as JSON.</param>
/// <param name="Output">The exact output, as JSON; null if it varies.</param>
/// <param name="Port">The port that the call leaves through; null for a node without ports.</param>
/// <param name="NeedsNetwork">Whether the call needs a network.</param>
public sealed record NodeExample(string Summary, string Config, string? Output, string? Port, bool NeedsNetwork);
