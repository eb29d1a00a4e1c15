using System.Collections.Immutable;
using Sluice.Engine.Plugins.Processes;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>One version of a plugin from its admission until it is forgotten, or one folder that was rejected. Changed under the roster's gate only.</summary>
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

    /// <summary>Where its folder lies; of one that was rejected.</summary>
    public string? Path { get; private init; }

    /// <summary>What it is; null where it was rejected before that was known.</summary>
    public PluginIdentity? Identity { get; private init; }

    /// <summary>The hash of the folder's content.</summary>
    public string? Hash { get; private init; }

    /// <summary>Null where it was rejected or its nodes are disposed.</summary>
    public PluginVersion? Version { get; set; }

    /// <summary>Whether it is what its folder holds now.</summary>
    public bool IsInFolder { get; set; }

    /// <summary>How long after its folder was found missing it goes; null while the folder is there.</summary>
    public TimeSpan? RemovalGrace { get; set; }

    public ImmutableArray<Rejection> Rejections { get; private init; } = [];

    public ImmutableArray<string> NodeTypes { get; private init; } = [];

    /// <summary>Counts the calls of its code that nobody waits for any more; null where none was ever made.</summary>
    public WrittenOff? WrittenOff { get; private init; }

    /// <summary>Completes when it was seen gone from memory, or is known to leak.</summary>
    public Task? Unloading { get; set; }

    /// <summary>Dies when it is gone from memory; null before its nodes are disposed.</summary>
    public WeakReference? Trace { get; set; }

    /// <summary>Whether nothing of it is left in memory. What leaked when it was last looked at may have let go since; of what was never loaded only calls remain.</summary>
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
