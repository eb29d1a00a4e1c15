using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>How plugins' processes are started and held.</summary>
internal sealed record ProcessSettings
{
    /// <summary>The program to start and its first arguments; it is told what to load and where to connect by two more.</summary>
    public required ImmutableArray<string> Program { get; init; }

    /// <summary>The environment variables that it gets from the host beside those that the runtime needs.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>How much memory one process may have.</summary>
    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>How long a process may take to load its plugin.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a node may take to notice that its token was cancelled, before its process is replaced: the contract's law.</summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a node may take to look at a config; it has nothing to wait for.</summary>
    public TimeSpan CheckPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a process that is replaced, or its plugin unloaded, has for what is still under way in it.</summary>
    public TimeSpan EndGrace { get; init; } = TimeSpan.FromSeconds(5);
}
