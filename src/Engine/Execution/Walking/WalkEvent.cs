using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution.Walking;

/// <summary>Something that happens to a run, for the walker to react to. The time comes with it: the walker has no clock.</summary>
internal readonly record struct WalkEvent
{
    private WalkEvent(WalkEventKind kind, DateTimeOffset at) => (Kind, At) = (kind, at);

    public WalkEventKind Kind { get; }

    public DateTimeOffset At { get; }

    /// <summary>The execution that ended.</summary>
    public StepCall? Call { get; private init; }

    /// <summary>How it ended.</summary>
    public StepEnd End { get; private init; }

    /// <summary>The path of the suspended step whose time has come.</summary>
    public string? Path { get; private init; }

    /// <summary>The signal that has come.</summary>
    public Signal? Signal { get; private init; }

    /// <summary>The run begins, or continues from its records.</summary>
    public static WalkEvent Begun(DateTimeOffset at) => new(WalkEventKind.Begun, at);

    /// <summary>An execution of a step ended.</summary>
    public static WalkEvent Ended(StepCall call, StepEnd end, DateTimeOffset at) => new(WalkEventKind.Ended, at) { Call = call, End = end };

    /// <summary>The time that a suspended step waits for has come.</summary>
    public static WalkEvent Due(string path, DateTimeOffset at) => new(WalkEventKind.Due, at) { Path = path };

    /// <summary>A signal has come, and is stored: a step that waits for it wakes.</summary>
    public static WalkEvent Signaled(Signal signal, DateTimeOffset at) => new(WalkEventKind.Signaled, at) { Signal = signal };

    /// <summary>The run is to end as cancelled.</summary>
    public static WalkEvent Cancelled(DateTimeOffset at) => new(WalkEventKind.Cancelled, at);

    /// <summary>The host stops: nothing new starts, and the run is left off.</summary>
    public static WalkEvent Stopping(DateTimeOffset at) => new(WalkEventKind.Stopping, at);
}

/// <summary>The kinds of <see cref="WalkEvent"/>.</summary>
internal enum WalkEventKind
{
    Begun,
    Ended,
    Due,
    Signaled,
    Cancelled,
    Stopping,
}

/// <summary>How an execution of a step ended.</summary>
/// <param name="Outcome">What it means for the walk.</param>
/// <param name="Record">What is recorded of it; null if nothing is, because the step was not called or its call was taken away.</param>
internal readonly record struct StepEnd(StepOutcome Outcome, JournalEntry.Step? Record);
