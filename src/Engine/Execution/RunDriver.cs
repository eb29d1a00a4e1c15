using System.Collections.Immutable;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Drives one run: hands events to its <see cref="Walker"/> one at a time, and executes what it commands.</summary>
/// <remarks>
/// The thread that brings an event while nobody drives becomes the driver until no event is left. The driver starts calls of nodes; one that completes at once
/// is followed by the next without a thread switch. Any number of calls may be in flight.
/// </remarks>
/// <param name="run">The run.</param>
/// <param name="plan">The steps of its workflow.</param>
/// <param name="steps">Executes steps.</param>
/// <param name="scheduler">Runs the walk.</param>
/// <param name="time">The clock.</param>
/// <param name="owner">Ends the run.</param>
internal sealed class RunDriver(Run run, ImmutableArray<PlanStep> plan, StepRunner steps, IWorkScheduler scheduler, TimeProvider time, IRunOwner owner)
    : IWalkCommands, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private SmallQueue<StepCall> _calls;
    private SmallQueue<WalkEvent> _events;
    private Walker? _walker;

    // Each turn of driving has a number; 0 while nobody drives. A driver whose number is not the current one was replaced.
    private int _driver;
    private int _turns;
    private StepCall? _starting;
    private bool _isOver;

    private Walker Walker => _walker ??= new Walker(plan, run.History, this);

    /// <summary>Starts the walk on another thread, without the caller's execution context.</summary>
    public void Start() => scheduler.Queue(this, preferLocal: true);

    /// <summary>Makes the driver check whether the run was cancelled or the host stops.</summary>
    public void Nudge() => Bring(WalkEvent.Begun(default), isNudge: true);

    /// <summary>Wakes the step that waits for a signal, if one does.</summary>
    public void Wake(Signal signal) => Bring(WalkEvent.Signaled(signal, time.GetUtcNow()), isQueued: true);

    /// <summary>Ends a call that does not return, and walks on.</summary>
    public void GiveUp(in OpenCall call)
    {
        StepEnd end;
        try
        {
            end = steps.GiveUp(run, call);
        }
        catch (Exception exception)
        {
            End(owner.Defect(run, exception));
            return;
        }

        var ended = WalkEvent.Ended(call.Call, end, time.GetUtcNow());
        int turn;
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _events.Enqueue(ended);
            // The thread that waits for this very call is the driver, and does not continue before the node returns.
            if (_driver != 0 && !ReferenceEquals(_starting, call.Call))
            {
                return;
            }

            turn = BeginTurn();
        }

        // The caller looks after other runs too.
        scheduler.Queue(new QueuedTurn(this, turn, isNudged: false), preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => Bring(WalkEvent.Begun(time.GetUtcNow()));

    void IWalkCommands.Append(StepCall call, JournalEntry.Step record)
    {
        var entry = run.Log.AppendStep(record);
        var isLarge = entry.OutputBytes is not null;
        steps.Outputs.Add(run, entry, isLarge ? record.Output : null);
        if (run.Probation is { } probation)
        {
            probation.HasPassed = true;
        }

        if (isLarge || (record.Status == StepStatus.Succeeded && ((NodePlan)call.Plan).Step.Node.Descriptor.Effect == Effect.External))
        {
            // Nobody waits for it, but the sooner it is durable, the less is done twice after a crash, and the sooner a large output leaves memory.
            run.Log.Commit();
        }
    }

    void IWalkCommands.Append(JournalEntry record) => run.Log.Append(record);

    void IWalkCommands.Restore(PlanStep step, string path, JournalEntry.Step record) => steps.Outputs.Add(run, record);

    void IWalkCommands.Call(StepCall call) => _calls.Enqueue(call);

    // The driver reads the outcome from the walker.
    void IWalkCommands.End(StepOutcome outcome)
    {
    }

    private void Bring(in WalkEvent happened, bool isNudge = false, bool isQueued = false)
    {
        int turn;
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            if (!isNudge)
            {
                _events.Enqueue(happened);
            }

            // A nudge ahead of the beginning is noticed then.
            if (_driver != 0 || (isNudge && _walker is null))
            {
                return;
            }

            turn = BeginTurn();
        }

        if (isNudge || isQueued)
        {
            // The caller must not be held up by the walk of this run.
            scheduler.Queue(new QueuedTurn(this, turn, isNudge), preferLocal: false);
        }
        else
        {
            Drive(turn);
        }
    }

    private void Drive(int turn, bool isNudged = false)
    {
        try
        {
            if (isNudged && HandleInterruption())
            {
                return;
            }

            while (TryTake(turn, out var call, out var happened))
            {
                if (call is not null)
                {
                    _ = CallAsync(call);
                }
                else if (HandleInterruption() || Handle(happened))
                {
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            End(owner.Defect(run, exception));
        }
    }

    // Ahead of what happened meanwhile: what a cancelled node returns is not a failure.
    private bool HandleInterruption() =>
        (run.IsCancelRequested && !Walker.IsCancelled && Handle(WalkEvent.Cancelled(time.GetUtcNow())))
        || (run.IsStopping && !Walker.IsStopping && Handle(WalkEvent.Stopping(time.GetUtcNow())));

    // True if the walk is over.
    private bool Handle(in WalkEvent happened)
    {
        Walker.Handle(happened);
        if (Walker.Outcome is not { } outcome)
        {
            return false;
        }

        End(outcome);
        return true;
    }

    private bool TryTake(int turn, out StepCall? call, out WalkEvent happened)
    {
        lock (_gate)
        {
            (call, happened) = (null, default);
            if (_driver != turn || _isOver)
            {
                return false;
            }

            if (_calls.TryDequeue(out call))
            {
                _starting = call;
                return true;
            }

            _starting = null;
            if (_events.TryDequeue(out happened))
            {
                return true;
            }

            _driver = 0;
            return false;
        }
    }

    // Never throws: nobody waits for it.
    private async Task CallAsync(StepCall call)
    {
        try
        {
            if (run.Probation is { HasPassed: true, IsOver: false } probation)
            {
                // The step before has not ended its host: once that is durable, the run is as innocent as any other.
                await run.Log.DurableAsync();
                probation.End();
            }

            Bring(WalkEvent.Ended(call, await steps.RunAsync(run, call), time.GetUtcNow()));
        }
        catch (PluginGoneException gone)
        {
            Bring(WalkEvent.Ended(call, new StepEnd(StepOutcome.Held(call.Path, gone.Plugin.Name, gone.Message), null), time.GetUtcNow()));
        }
        catch (Exception exception) when (exception is JournalUnavailableException or FencedException)
        {
            Lose(exception);
        }
        catch (CallGivenUpException)
        {
            // How it ended is known already.
        }
        catch (Exception exception)
        {
            End(owner.Defect(run, exception));
        }
    }

    private int BeginTurn()
    {
        _starting = null;
        return _driver = ++_turns;
    }

    private void End(StepOutcome outcome)
    {
        if (TryClose())
        {
            owner.End(run, outcome);
        }
    }

    private void Lose(Exception exception)
    {
        if (TryClose())
        {
            owner.Detach(run, exception);
        }
    }

    private bool TryClose()
    {
        lock (_gate)
        {
            (var was, _isOver) = (_isOver, true);
            return !was;
        }
    }

    /// <summary>A turn of driving that must not hold up the thread that began it.</summary>
    private sealed class QueuedTurn(RunDriver driver, int turn, bool isNudged) : IThreadPoolWorkItem
    {
        public void Execute() => driver.Drive(turn, isNudged);
    }
}

/// <summary>Ends runs whose walk is over.</summary>
internal interface IRunOwner
{
    /// <summary>The walk has ended.</summary>
    void End(Run run, StepOutcome outcome);

    /// <summary>The journal does not take what the run has done.</summary>
    void Detach(Run run, Exception exception);

    /// <summary>The host itself failed: how the run ends.</summary>
    StepOutcome Defect(Run run, Exception exception);
}
