namespace Sluice.Engine.Execution;

/// <summary>How many runs may be active, and how many of the waiting ones may become so.</summary>
internal sealed class RunCapacity(ActiveRuns active, Backlog backlog, int max)
{
    /// <summary>Whether one more new run may be active. While others wait for room, some is kept for them, so that none waits forever.</summary>
    public bool HasRoom => active.Count < (backlog.Count == 0 ? max : max - Math.Clamp(max / 8, 1, 256));

    /// <summary>
    /// How many of the runs that wait for room may be taken over now. If many wait, none is until there is room for a good number, because one commit takes
    /// over all of them.
    /// </summary>
    public int RoomForQueued => max - active.Count is var room && room >= Math.Min(backlog.Count, Math.Clamp(max / 16, 1, 128)) ? room : 0;
}
