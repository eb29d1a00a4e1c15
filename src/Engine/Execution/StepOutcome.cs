using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>What a step means for the walk.</summary>
internal readonly record struct StepOutcome
{
    private StepOutcome(OutcomeKind kind) => Kind = kind;

    public OutcomeKind Kind { get; }

    /// <summary>The port through which the step was left, if the walk continues and the node has ports.</summary>
    public string? Port { get; private init; }

    /// <summary>Why the run fails.</summary>
    public NodeFailure? Failure { get; private init; }

    /// <summary>The step the run failed at.</summary>
    public string? FailedStep { get; private init; }

    /// <summary>What is waited for, if the step or the run is suspended or held; null otherwise.</summary>
    public IReadOnlyList<Wait>? Waits { get; private init; }

    /// <summary>Why the run ends well before its last step, or what it waits for.</summary>
    public string? Message { get; private init; }

    public static StepOutcome GoOn(string? port = null) => new(OutcomeKind.GoOn) { Port = port };

    public static StepOutcome Succeeded(string? message) => new(OutcomeKind.Succeeded) { Message = message };

    public static StepOutcome Failed(string step, NodeFailure failure) => new(OutcomeKind.Failed) { FailedStep = step, Failure = failure };

    public static StepOutcome Suspended(params IReadOnlyList<Wait> waits) => new(OutcomeKind.Suspended) { Waits = waits };

    public static StepOutcome Cancelled() => new(OutcomeKind.Cancelled);

    /// <summary>The host stops: the run is left off.</summary>
    public static StepOutcome LeftOff() => new(OutcomeKind.LeftOff);

    /// <summary>A plugin that the next step needs is not here: the run waits until it is.</summary>
    public static StepOutcome Held(string path, string plugin, string message) => new(OutcomeKind.Held) { Waits = [new Wait(path, 1) { Plugin = plugin }], Message = message };

    /// <summary>The same, with more that is waited for.</summary>
    public StepOutcome With(IEnumerable<Wait> waits) => this with { Waits = [.. Waits ?? [], .. waits] };

    /// <summary>The journal could not be written: the run continues from what is durable once the journal can be written.</summary>
    public static StepOutcome Detached() => new(OutcomeKind.Detached);
}

/// <summary>What the result of a step can mean for the walk.</summary>
internal enum OutcomeKind
{
    GoOn,
    Succeeded,
    Failed,
    Suspended,
    Cancelled,
    LeftOff,
    Detached,
    Held,
}
