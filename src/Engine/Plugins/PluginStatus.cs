using System.Collections.Immutable;
using Sluice.Engine.Plugins.Processes;

namespace Sluice.Engine.Plugins;

/// <summary>The state of a plugin.</summary>
internal enum PluginState
{
    /// <summary>Its nodes are in the catalog.</summary>
    Active,

    /// <summary>
    /// Its nodes are not called, because too many calls of them were written off and have not returned. See <see
    /// cref="PluginStatus.WrittenOff"/>.
    /// </summary>
    Blocked,

    /// <summary>It was rejected. See <see cref="PluginStatus.Rejections"/>.</summary>
    Rejected,

    /// <summary>It admits no new calls. Earlier calls still run, or its memory is not free yet.</summary>
    Draining,

    /// <summary>It has left memory.</summary>
    Unloaded,

    /// <summary>It was unloaded, but something still keeps it in memory.</summary>
    Leaking,
}

/// <summary>The status of one version of a plugin, or of a rejected folder.</summary>
internal sealed record PluginStatus
{
    /// <summary>The plugin's name: that of its folder, up to an <c>@</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the folder that it came from.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether its folder currently holds it; false for a version that stays because a workflow was checked against it.</summary>
    public required bool IsInFolder { get; init; }

    /// <summary>The version of its entry assembly; null if it was rejected before that was known.</summary>
    public string? Version { get; init; }

    /// <summary>The SHA-256 of its files; null if it was rejected before that was known.</summary>
    public string? Hash { get; init; }

    public required PluginState State { get; init; }

    /// <summary>The type identifiers of its nodes.</summary>
    public ImmutableArray<string> NodeTypes { get; init; } = [];

    /// <summary>Every rule that it breaks, if it was rejected.</summary>
    public ImmutableArray<Rejection> Rejections { get; init; } = [];

    /// <summary>The calls of its nodes that have not completed.</summary>
    public int RunningCalls { get; init; }

    /// <summary>
    /// The calls of its code that missed a deadline and have not returned. They are no longer awaited, and keep its code in memory.
    /// </summary>
    public int WrittenOff { get; init; }

    /// <summary>How long it stays after its folder was found missing; null while the folder exists.</summary>
    public TimeSpan? RemovalGrace { get; init; }

    /// <summary>Where its code runs; null if it is not loaded.</summary>
    public Isolation? Isolation { get; init; }

    /// <summary>Why it can't run in the host process; empty if it can, or if it is not loaded.</summary>
    public ImmutableArray<Rejection> ProcessOnly { get; init; } = [];

    /// <summary>The id of its process; null if it has none, or none at the moment.</summary>
    public int? Pid { get; init; }

    /// <summary>How many times its process was restarted.</summary>
    public int ProcessRestarts { get; init; }

    /// <summary>Why its process keeps failing; null if it does not.</summary>
    public string? ProcessTrouble { get; init; }

    /// <summary>
    /// Why it is not active, or why it is active although its folder holds another version; null if there is nothing to explain.
    /// </summary>
    public string? Reason => State switch
    {
        PluginState.Rejected => string.Join(" ", [.. Rejections.Select(rejection => rejection.Message), .. WrittenOff > 0 ? [WrittenOffText] : Array.Empty<string>()]),
        PluginState.Active when RemovalGrace is { } grace =>
            $"Its folder was removed. It is unloaded {grace.TotalSeconds:0.#} s after that, unless a folder with the same name appears.",
        PluginState.Active when ProcessTrouble is not null => $"It has no process now: {ProcessTrouble}",
        PluginState.Active when WrittenOff > 0 => WrittenOffText,
        PluginState.Active when !IsInFolder => "Its folder holds another version now; workflows that were checked against this one still need it.",
        PluginState.Active when !ProcessOnly.IsEmpty =>
            $"It runs in a process of its own, because the host could not unload it: {string.Join(" ", ProcessOnly.Select(rejection => rejection.Message))}",
        PluginState.Blocked => $"{WrittenOffText} Its nodes are called again when one of these calls returns. Replace the plugin, or run it with `isolation: process`.",
        PluginState.Draining when WrittenOff > 0 => WrittenOffText,
        PluginState.Draining when RunningCalls > 0 => $"{RunningCalls} calls of its nodes have not completed.",
        PluginState.Draining => "Its last call has ended, but its memory is not free yet.",
        PluginState.Leaking when WrittenOff > 0 => WrittenOffText,
        PluginState.Leaking =>
            "It was unloaded, but a timer, an event, a static cache or a task that it started still holds it in memory; it stays until the host ends. `sluice plugins leak NAME` shows what holds it.",
        _ => null,
    };

    private string WrittenOffText =>
        $"{WrittenOff} {(WrittenOff == 1 ? "call" : "calls")} of its code missed the deadline and {(WrittenOff == 1 ? "was" : "were")} written off: "
        + "they hold its code in memory until they return, at the latest until the host ends.";
}
