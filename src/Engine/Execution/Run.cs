using System.Diagnostics;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;

namespace Sluice.Engine.Execution;

/// <summary>An active run: its values, its journal, its caller, and the means to end it.</summary>
internal sealed class Run : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    // The first of a list: one slot unless several calls were in flight at once.
    private CallSlot? _slots;
    private bool _disposed;
    private bool _isWalkOver;
    private int _inTheAir;
    private TaskCompletionSource? _ended;
    private bool _hasEnded;

    /// <param name="workflow">What it executes.</param>
    /// <param name="log">Its side of the journal.</param>
    /// <param name="scope">Its values.</param>
    /// <param name="history">What the journal already knows of it.</param>
    /// <param name="mask">Its secrets.</param>
    /// <param name="responder">The waiting caller; null if nobody waits.</param>
    /// <param name="watchers">Wakes those who ask for the reply later, for whom it is kept even if nobody waits for it now; null if nobody may ask.</param>
    /// <param name="time">The clock.</param>
    public Run(
        CompiledWorkflow workflow, RunLog log, RunScope scope, RunHistory history, SecretMask mask, Responder? responder, RunWatch? watchers, TimeProvider time)
    {
        Workflow = workflow;
        Log = log;
        Scope = scope;
        History = history;
        Mask = mask;
        _time = time;
        Reply = new RunReply(this, responder, watchers);
    }

    public RunId Id => Log.Header.Id;

    /// <summary>The identifier as the steps see it.</summary>
    public string IdText => field ??= Id.ToString();

    public CompiledWorkflow Workflow { get; }

    public RunLog Log { get; }

    public RunScope Scope { get; }

    /// <summary>What the journal already knew of this run when it was picked up.</summary>
    public RunHistory History { get; }

    public SecretMask Mask { get; }

    /// <summary>Walks the run.</summary>
    public RunDriver? Driver { get; set; }

    /// <summary>Its one reply.</summary>
    public RunReply Reply { get; }

    /// <summary>The place that it occupies among the runs that were taken over; null if it has none. It is vacated when the run leaves.</summary>
    public IDisposable? Place { get; set; }

    /// <summary>
    /// Set for a run whose host died: until it is over, the run may be what ended the host. Every step of such a run begins durably, so that the step is
    /// known if it happens again.
    /// </summary>
    public Probation? Probation { get; init; }

    /// <summary>Its activity; null if nobody listened when it started.</summary>
    public Activity? Activity { get; init; }

    public bool IsCancelRequested { get; private set; }

    /// <summary>The host stops: the run is left off and continues at the next start.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Completes when the run is no longer active here.</summary>
    public Task Ended
    {
        get
        {
            lock (_gate)
            {
                return _hasEnded ? Task.CompletedTask : (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    public void MarkEnded()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _ended?.TrySetResult();
        }
    }

    /// <summary>Asks the run to end as cancelled; the running step is cancelled. False if the walk is over.</summary>
    public bool TryCancel() => TryInterrupt(isCancel: true);

    /// <summary>Asks the run to leave off without ending.</summary>
    public void Stop() => TryInterrupt(isCancel: false);

    /// <summary>Closes the walk: a run that was to be cancelled meanwhile does not wait for anything any more.</summary>
    public StepOutcome EndWalk(StepOutcome outcome)
    {
        lock (_gate)
        {
            _isWalkOver = true;
            return IsCancelRequested && outcome.Kind is (OutcomeKind.Suspended or OutcomeKind.Held) ? StepOutcome.Cancelled() : outcome;
        }
    }

    /// <summary>Whether a call continues asynchronously, so that the next step does not follow its reply at once.</summary>
    public bool IsInTheAir => Volatile.Read(ref _inTheAir) > 0;

    /// <summary>Lends what a call needs, until <see cref="Return"/> or the end of the call.</summary>
    public CallSlot Rent()
    {
        lock (_gate)
        {
            var slot = _slots;
            while (slot is { IsRented: true })
            {
                slot = slot.Next;
            }

            slot ??= _slots = new CallSlot(_time) { Next = _slots };
            slot.IsRented = true;
            return slot;
        }
    }

    /// <summary>Takes a slot back whose step is not called.</summary>
    public void Return(CallSlot slot)
    {
        lock (_gate)
        {
            slot.IsRented = false;
        }
    }

    /// <summary>Opens one call of a node; its token is cancelled after the timeout.</summary>
    public CancellationToken StartCall(CallSlot slot, in OpenCall call, TimeSpan timeout)
    {
        lock (_gate)
        {
            slot.Call = call;
            slot.CancelledAt = null;
            slot.Cancellation.CancelAfter(IsCancelRequested || IsStopping ? TimeSpan.Zero : timeout);
            return slot.Cancellation.Token;
        }
    }

    /// <summary>Takes a call away that does not return: its token was cancelled this long ago. Null if there is none.</summary>
    /// <param name="grace">How long a node may take to notice its token, counted from the first time this is asked.</param>
    public OpenCall? TryGiveUp(TimeSpan grace)
    {
        lock (_gate)
        {
            for (var slot = _slots; slot is not null; slot = slot.Next)
            {
                if (slot.Call is { } call && !_disposed && slot.Cancellation.IsCancellationRequested
                    && _time.GetTimestamp() is var now && _time.GetElapsedTime(slot.CancelledAt ??= now, now) >= grace)
                {
                    // The node may still read its config and its token: they are left to it.
                    Remove(slot);
                    Close(slot);
                    return call;
                }
            }

            return null;
        }
    }

    /// <summary>Notes that the call continues asynchronously.</summary>
    public void NoteInTheAir(CallSlot slot)
    {
        lock (_gate)
        {
            if (slot.Call is not null && !slot.IsInTheAir)
            {
                slot.IsInTheAir = true;
                _inTheAir++;
            }
        }
    }

    /// <summary>The call has completed. False if it was given up before.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="isLeft">Whether the node is still running although its call is over: then it keeps its config and its token.</param>
    public bool TryEndCall(CallSlot slot, bool isLeft)
    {
        lock (_gate)
        {
            if (slot.Call is null)
            {
                return false;
            }

            Close(slot);
            if (isLeft)
            {
                Remove(slot);
                return true;
            }

            // A run that is to end keeps the token that says so.
            if (!IsCancelRequested && !IsStopping && !_disposed)
            {
                slot.ResetToken();
            }

            slot.IsRented = false;
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            for (var slot = _slots; slot is not null; slot = slot.Next)
            {
                slot.Dispose();
            }
        }

        Scope.Dispose();
        Place?.Dispose();
    }

    // The node may still use it.
    private void Remove(CallSlot gone)
    {
        if (_slots == gone)
        {
            _slots = gone.Next;
            return;
        }

        for (var slot = _slots; slot is not null; slot = slot.Next)
        {
            if (slot.Next == gone)
            {
                slot.Next = gone.Next;
                return;
            }
        }
    }

    private void Close(CallSlot slot)
    {
        slot.Call = null;
        if (slot.IsInTheAir)
        {
            slot.IsInTheAir = false;
            _inTheAir--;
        }
    }

    private bool TryInterrupt(bool isCancel)
    {
        var cancellations = new List<CancellationTokenSource>();
        lock (_gate)
        {
            if (_isWalkOver || _disposed)
            {
                return false;
            }

            IsCancelRequested |= isCancel;
            IsStopping |= !isCancel;
            for (var slot = _slots; slot is not null; slot = slot.Next)
            {
                cancellations.Add(slot.Cancellation);
            }
        }

        foreach (var cancellation in cancellations)
        {
            Cancel(cancellation);
        }

        Driver?.Nudge();
        return true;
    }

    private static void Cancel(CancellationTokenSource cancellation)
    {
        try
        {
            // Not on this thread: the node's callbacks may throw, or never return.
            _ = cancellation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The call ended in between, which is what was asked for.
        }
    }
}
