using System.Collections.Immutable;
using Sluice.Engine.Plugins.Processes;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>
/// One version of a plugin from its admission until it is forgotten, or a rejected folder. Changed only under the roster's gate.
/// </summary>
internal sealed class PluginEntry
{
    private PluginEntry(string folder, string name)
    {
        Folder = folder;
        Name = name;
    }

    public string Folder { get; }

    public string Name { get; }

    public PluginState State { get; set; }

    /// <summary>The path of a rejected folder.</summary>
    public string? Path { get; private init; }

    /// <summary>The plugin's identity; null if it was rejected before that was known.</summary>
    public PluginIdentity? Identity { get; private init; }

    /// <summary>The hash of the folder's content.</summary>
    public string? Hash { get; private init; }

    /// <summary>Null if it was rejected or its nodes are disposed.</summary>
    public PluginVersion? Version { get; set; }

    /// <summary>Whether its folder currently holds it.</summary>
    public bool IsInFolder { get; set; }

    /// <summary>How long it stays after its folder was found missing; null while the folder exists.</summary>
    public TimeSpan? RemovalGrace { get; set; }

    public ImmutableArray<Rejection> Rejections { get; private init; } = [];

    public ImmutableArray<string> NodeTypes { get; private init; } = [];

    /// <summary>Counts the calls of its code that are no longer awaited; null if none was ever made.</summary>
    public WrittenOff? WrittenOff { get; private init; }

    /// <summary>Completes when it has left memory, or is known to leak.</summary>
    public Task? Unloading { get; set; }

    /// <summary>Refers to it until it leaves memory; null before its nodes are disposed.</summary>
    public WeakReference? Trace { get; set; }

    /// <summary>
    /// Whether nothing of it is left in memory. A version that leaked at the last check may be free since; a folder that was never loaded
    /// only leaves calls.
    /// </summary>
    public bool IsGone => State == PluginState.Unloaded
        || (State == PluginState.Leaking && Trace is null or { IsAlive: false } && WrittenOff is null or { Count: 0 });

    public static PluginEntry Active(string folder, PluginVersion version, bool isInFolder) => new(folder, version.Identity.Name)
    {
        State = PluginState.Active,
        Identity = version.Identity,
        Hash = version.Identity.Hash,
        Version = version,
        WrittenOff = version.WrittenOff,
        IsInFolder = isInFolder,
        NodeTypes = [.. version.Nodes.Select(node => node.Descriptor.Type)],
    };

    public static PluginEntry Rejected(PluginAttempt attempt, ImmutableArray<Rejection> rejections) => new(attempt.Folder, PluginFolder.PluginNameOf(attempt.Folder))
    {
        State = PluginState.Rejected,
        Path = attempt.Path,
        Identity = attempt.Identity,
        Hash = attempt.Hash,
        WrittenOff = attempt.WrittenOff,
        Trace = attempt.Trace,
        IsInFolder = true,
        Rejections = rejections,
    };

    public PluginStatus ToStatus() => new()
    {
        Name = Name,
        Folder = Folder,
        IsInFolder = IsInFolder,
        Version = Identity?.Version,
        Hash = Hash,
        State = State switch
        {
            _ when IsGone => PluginState.Unloaded,
            PluginState.Active when Version?.Leases.GivenUp >= Leases.MostGivenUp => PluginState.Blocked,
            _ => State,
        },
        NodeTypes = NodeTypes,
        Rejections = Rejections,
        RemovalGrace = RemovalGrace,
        WrittenOff = WrittenOff?.Count ?? 0,
        RunningCalls = Version?.Leases.Count ?? 0,
        Isolation = Version is null ? null : Version.Process is null ? Isolation.Context : Isolation.Process,
        ProcessOnly = Version?.ProcessOnly ?? [],
        Pid = Version?.Process?.Pid,
        ProcessTrouble = Version?.Process?.Trouble,
        ProcessRestarts = Version?.Process?.Restarts ?? 0,
    };
}
