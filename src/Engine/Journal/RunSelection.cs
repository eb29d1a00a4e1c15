namespace Sluice.Engine.Journal;

/// <summary>Which runs to take over. A page of them names the selection of the next page.</summary>
internal abstract record RunSelection
{
    /// <summary>Runs that are running, oldest first: their host died, or let them go.</summary>
    /// <param name="OwnToo">Also those of this host, which may be active. Otherwise only those of other owners.</param>
    /// <param name="After">The last run of the page before; null for the first page.</param>
    internal sealed record Running(bool OwnToo, RunId? After = null) : RunSelection;

    /// <summary>Runs that wait for room among the active ones, oldest first.</summary>
    /// <param name="After">The last run of the page before; null for the first page.</param>
    internal sealed record Queued(RunId? After = null) : RunSelection;

    /// <summary>Suspended runs with a wait that is due, the longest due first.</summary>
    /// <param name="Now">What is due by this time.</param>
    /// <param name="After">The place in the order after which to continue; null for the first page.</param>
    internal sealed record Due(DateTimeOffset Now, (long WakeAt, long Row)? After = null) : RunSelection;

    /// <summary>Suspended runs that wait for a plugin, in the order of their rows.</summary>
    /// <param name="Plugin">The plugin's name; null for all.</param>
    /// <param name="After">The row after which to continue.</param>
    internal sealed record Held(string? Plugin = null, long After = 0) : RunSelection;
}

/// <summary>Some of the selected runs.</summary>
/// <param name="Runs">The runs with their entries.</param>
/// <param name="Next">Selects the next page; null if this is the last.</param>
internal sealed record RunPage(IReadOnlyList<RunRecord> Runs, RunSelection? Next);
