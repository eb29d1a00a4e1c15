using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>How plugins' processes are started and limited.</summary>
internal sealed record ProcessSettings
{
    /// <summary>The program to start and its first arguments; two more say what to load and where to connect.</summary>
    public required ImmutableArray<string> Program { get; init; }

    /// <summary>The environment variables that it gets from the host besides those that the runtime needs.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>The memory limit of one process, in megabytes.</summary>
    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>The time limit for a process to load its plugin.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time a node has by its contract to respond to cancellation, before its process is replaced.</summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time limit for a node to check a config; it has nothing to wait for.</summary>
    public TimeSpan CheckPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The grace period for active calls when a process is replaced or its plugin unloaded.</summary>
    public TimeSpan EndGrace { get; init; } = TimeSpan.FromSeconds(5);
}
