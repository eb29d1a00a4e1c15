using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>Where a plugin stands.</summary>
internal enum PluginState
{
    /// <summary>Its nodes are in the catalogue.</summary>
    Active,

    /// <summary>It was not taken in; see <see cref="PluginStatus.Rejections"/>.</summary>
    Rejected,

    /// <summary>It takes no new calls; calls that began before still run.</summary>
    Draining,

    /// <summary>It is gone from memory.</summary>
    Unloaded,

    /// <summary>It was unloaded, and something still holds it in memory.</summary>
    Leaking,
}

/// <summary>What the host knows of one plugin folder.</summary>
internal sealed record PluginStatus
{
    /// <summary>The name of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>The version of its entry assembly; null where it was rejected before that was known.</summary>
    public string? Version { get; init; }

    /// <summary>The SHA-256 of its files; null where it was rejected before that was known.</summary>
    public string? Hash { get; init; }

    public required PluginState State { get; init; }

    /// <summary>The type identifiers of its nodes.</summary>
    public ImmutableArray<string> NodeTypes { get; init; } = [];

    /// <summary>Every rule that it breaks, where it was rejected.</summary>
    public ImmutableArray<Rejection> Rejections { get; init; } = [];

    /// <summary>The calls of its nodes that have not completed.</summary>
    public int RunningCalls { get; init; }

    /// <summary>Why it is not active, in a sentence or more; null where it is.</summary>
    public string? Reason => State switch
    {
        PluginState.Rejected => string.Join(" ", Rejections.Select(rejection => rejection.Message)),
        PluginState.Draining => $"{RunningCalls} calls of its nodes have not completed.",
        PluginState.Leaking =>
            "It was unloaded, but a timer, an event, a static cache or a task that it started still holds it in memory; it goes with the host.",
        _ => null,
    };
}
