namespace Sluice.Sdk;

/// <summary>
/// What a node is, as data. Validation, documentation, completion and the contract tests all come from it; nothing about a node is written twice.
/// </summary>
public sealed record NodeSpec
{
    /// <summary>The type identifier, snake_case.</summary>
    public required string Type { get; init; }

    /// <summary>The name that people read.</summary>
    public required string Name { get; init; }

    /// <summary>The shelf of the catalogue.</summary>
    public required string Category { get; init; }

    /// <summary>What the node does, in a sentence or two.</summary>
    public required string Summary { get; init; }

    /// <summary>What the node does to the world.</summary>
    public required Effect Effect { get; init; }

    /// <summary>What a second call with the same idempotency key does; null where each request hands the key on, or there is nothing to repeat.</summary>
    public string? OnRepeat { get; init; }

    /// <summary>The ports that every step of this node has; empty where the node has one unnamed way out, or takes its ports from the config.</summary>
    public IReadOnlyList<PortSpec> Ports { get; init; } = [];

    /// <summary>JSON Schema (2020-12) of the config, as JSON text: an object, closed, every field described.</summary>
    public required string ConfigSchema { get; init; }

    /// <summary>JSON Schema (2020-12) of the output, as JSON text.</summary>
    public required string OutputSchema { get; init; }

    /// <summary>Worked examples.</summary>
    public IReadOnlyList<NodeExample> Examples { get; init; } = [];
}

/// <summary>A named way out of a node.</summary>
/// <param name="Name">The name that a step's <c>branches</c> use.</param>
/// <param name="Description">When the node leaves through it.</param>
public sealed record PortSpec(string Name, string Description);

/// <summary>A worked example of a node; see <see cref="NodeExampleAttribute"/> for the meaning of each part.</summary>
public sealed record NodeExample(string Summary, string Config, string? Output, string? Port, bool NeedsNetwork);
