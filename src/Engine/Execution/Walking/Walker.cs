using System.Collections.Immutable;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution.Walking;

/// <summary>A run as a state machine: takes events, gives commands. It knows what the run has come to, and nothing of threads, clocks or disks.</summary>
/// <remarks>
/// Its owner calls <see cref="Handle"/> for one event at a time. A run that continues is the same machine over the run's records: a step
/// whose end is recorded is restored instead of called, so it comes to where it was. Because a step is identified by its path, the order in which steps
/// ended does not matter.
/// </remarks>
/// <param name="plan">The steps.</param>
/// <param name="facts">What the journal holds of the run.</param>
/// <param name="commands">Receives the commands.</param>
internal sealed class Walker(ImmutableArray<PlanStep> plan, RunHistory facts, IWalkCommands commands)
{
    private List<(StepCall Call, Wait Wait)>? _waits;
    private ImmutableList<Signal> _signals = facts.Signals.Count == 0 ? [] : [.. facts.Signals];
    private HashSet<string>? _signaled;
    private int _inFlight;
    private bool _hasBegun;
    private bool _isLeftOff;
    private StepOutcome? _held;
    private DateTimeOffset _now;

    /// <summary>What the journal held of the run when the walk began.</summary>
    public RunHistory Facts => facts;

    public bool IsCancelled { get; private set; }

    public bool IsStopping { get; private set; }

    /// <summary>How the walk ended; null while it is active.</summary>
    public StepOutcome? Outcome { get; private set; }

    /// <summary>Reacts to an event. What happens after the end of the walk changes nothing.</summary>
    public void Handle(in WalkEvent happened)
    {
        if (Outcome is not null)
        {
            return;
        }

        _now = happened.At;
        switch (happened.Kind)
        {
            case WalkEventKind.Begun:
                _hasBegun = true;
                Settle(null, null, new Sequence(null, "", plan).Walk(this));
                break;
            case WalkEventKind.Ended:
                _inFlight--;
                End(happened.Call!, happened.End);
                break;
            case WalkEventKind.Due:
                Wake(happened.Path!);
                break;
            case WalkEventKind.Signaled:
                Take(happened.Signal!);
                break;
            case WalkEventKind.Cancelled:
                IsCancelled = true;
                CancelWaits();
                break;
            case WalkEventKind.Stopping:
                IsStopping = true;
                break;
        }

        Rest();
    }

    /// <summary>Whether the host stops, so that the walk goes no further here.</summary>
    public bool LeavesOff() => _isLeftOff |= IsStopping;

    /// <summary>The record of a step that the journal holds, made readable; null if the step must be called.</summary>
    public JournalEntry.Step? TryRestore(PlanStep step, string path)
    {
        if (facts.Finished(path) is not { } record || MustRunAgain(step, record))
        {
            return null;
        }

        commands.Restore(step, path, record);
        return record;
    }

    /// <summary>Asks for an execution of a step, or waits for what a suspended one waits for.</summary>
    public StepOutcome? Call(PlanStep step, Frame frame, string path)
    {
        var call = new StepCall(step, frame, path, facts.Attempts(path) + 1, _now, facts.FirstStart(path) ?? _now) { Suspensions = facts.Suspensions(path) };
        if (facts.WaitOf(path) is not { } wait)
        {
            Start(call);
        }
        else if (facts.WokenBy(path) is { } woken)
        {
            Start(call with { Wake = new WakeCause(woken.At, woken.Signal, woken.Payload) });
        }
        else
        {
            WakeOrWait(call, wait);
        }

        return null;
    }

    /// <summary>Records a choice that can't be derived again, such as which of several failures came first, and returns it; the one before, if there is one.</summary>
    public string Decide(string path, string decision)
    {
        if (facts.Decision(path) is { } before)
        {
            return before;
        }

        commands.Append(new JournalEntry.Decided(path, decision, _now));
        return decision;
    }

    private void Start(StepCall call)
    {
        _inFlight++;
        commands.Call(call);
    }

    private void End(StepCall call, StepEnd end)
    {
        if (end.Record is { } record)
        {
            commands.Append(call, record);
        }

        switch (end.Outcome)
        {
            case { Kind: OutcomeKind.Suspended, Waits: [var wait] } when !IsCancelled || call.Frame.IsShielded:
                WakeOrWait(call with { Attempt = call.Attempt + 1, Suspensions = wait.Number, Wake = null }, wait);
                break;
            case { Kind: OutcomeKind.Suspended }:
                Settle(call.Frame, null, StepOutcome.Cancelled());
                break;
            case { Kind: OutcomeKind.LeftOff }:
                _isLeftOff = true;
                break;
            case { Kind: OutcomeKind.Held }:
                _held = _held?.With(end.Outcome.Waits!) ?? end.Outcome;
                break;
            case { Kind: OutcomeKind.Failed } when IsCancelled && !call.Frame.IsShielded:
                Settle(call.Frame, null, StepOutcome.Cancelled());
                break;
            default:
                Settle(call.Frame, null, call.Plan.Ended(this, call.Frame, end.Outcome, end.Record));
                break;
        }
    }

    // What came first of time and signal decides. The decision is recorded, so that a crash leads to the same call.
    private void WakeOrWait(StepCall call, Wait wait)
    {
        if (IsStopping)
        {
            // Nothing new starts. It is due at once for the host that continues.
            (_waits ??= []).Add((call, wait));
        }
        else if (wait.Signal is { } name && _signals.FirstOrDefault(signal => signal.Name == name) is { } signal && !(wait.DueAt <= signal.At))
        {
            Start(call, signal);
        }
        else if (wait.DueAt is { } due && due <= _now)
        {
            if (wait.Signal is not null)
            {
                // A signal of an earlier time may be stored after this decision: by a host with another clock, or because the clock was set back.
                commands.Append(new JournalEntry.Woken(call.Path, Signal: null, default, due));
            }

            Start(call with { StartedAt = _now, Wake = new WakeCause(due) });
        }
        else
        {
            (_waits ??= []).Add((call, wait));
        }
    }

    private void Start(StepCall call, Signal signal)
    {
        _signals = _signals.Remove(signal);
        commands.Append(new JournalEntry.Woken(call.Path, signal.Name, signal.Payload, signal.At));
        Start(call with { StartedAt = _now, Wake = new WakeCause(signal.At, signal.Name, signal.Payload) });
    }

    private void Wake(string path)
    {
        if (_waits?.FindIndex(wait => wait.Call.Path == path) is { } index and >= 0)
        {
            var (call, wait) = _waits[index];
            _waits.RemoveAt(index);
            WakeOrWait(call, wait);
        }
    }

    // One that is stored while the run is taken over is among the facts, and is brought once more.
    private void Take(Signal signal)
    {
        _signaled ??= new HashSet<string>(facts.Signals.Select(known => known.Name), StringComparer.Ordinal);
        if (!_signaled.Add(signal.Name))
        {
            return;
        }

        _signals = _signals.Add(signal);
        if (_waits?.Find(wait => wait.Wait.Signal == signal.Name).Call is { } call)
        {
            Wake(call.Path);
        }
    }

    private void CancelWaits()
    {
        while (_waits?.FindIndex(wait => !wait.Call.Frame.IsShielded) is { } index and >= 0)
        {
            var frame = _waits[index].Call.Frame;
            _waits.RemoveAt(index);
            Settle(frame, null, StepOutcome.Cancelled());
        }
    }

    // Something in a frame has ended: so may the frame, and those around it.
    private void Settle(Frame? frame, Frame? child, StepOutcome? outcome)
    {
        while (outcome is { } ended)
        {
            if (frame is null)
            {
                Finish(ended);
                return;
            }

            outcome = frame.Next(this, child, ended);
            (child, frame) = (frame, frame.Parent);
        }
    }

    // Nothing is in flight: what is left waits for a time, for a plugin, or for the next start of a host.
    private void Rest()
    {
        if (!_hasBegun || Outcome is not null || _inFlight > 0)
        {
            return;
        }

        Finish(_isLeftOff ? StepOutcome.LeftOff()
            : _held is { } held ? held.With(_waits?.Select(wait => wait.Wait) ?? [])
            : _waits is { Count: > 0 } ? StepOutcome.Suspended([.. _waits.Select(wait => wait.Wait)])
            : throw new InvalidOperationException("The walk is neither over nor waiting."));
    }

    private void Finish(StepOutcome outcome)
    {
        Outcome = outcome;
        commands.End(outcome);
    }

    // Earlier builds stored the output of a pure step masked, without saying what was masked.
    private static bool MustRunAgain(PlanStep step, JournalEntry.Step record) =>
        record is { Masked: true, Secrets.IsEmpty: true } && step is NodePlan node && node.Step.Node.Descriptor.Effect == Sdk.Effect.None;
}
