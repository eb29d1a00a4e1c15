using System.Buffers;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;

namespace Sluice.Engine.Execution;

/// <summary>A run while it is walked: its values, its journal, its caller, and the means to end it.</summary>
internal sealed class Run : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private CancellationTokenSource _cancellation;
    private ArrayBufferWriter<byte> _configBuffer = new(512);
    private Utf8JsonWriter? _configWriter;
    private bool _disposed;
    private bool _isWalkOver;
    private OpenCall? _call;
    private long? _cancelledAt;
    private volatile bool _isInTheAir;
    private TaskCompletionSource? _ended;
    private bool _hasEnded;

    public Run(CompiledWorkflow workflow, RunLog log, RunScope scope, RunHistory history, SecretMask mask, Responder? responder, TimeProvider time)
    {
        Workflow = workflow;
        Log = log;
        Scope = scope;
        History = history;
        Mask = mask;
        Responder = responder;
        _time = time;
        _cancellation = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
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

    /// <summary>The waiting caller; null where nobody waits.</summary>
    public Responder? Responder { get; }

    /// <summary>Those who may ask for the reply later, for whom it is kept even where nobody waits for it now; null where there are none.</summary>
    public RunWatch? LaterReaders { get; set; }

    /// <summary>
    /// Set for a run whose host died: until it is over, the run may be what ended the host. Every step of such a run begins durably, so that the step is
    /// known if it happens again.
    /// </summary>
    public Probation? Probation { get; init; }

    /// <summary>Whether this run has replied, in this life or an earlier one.</summary>
    public bool HasReplied { get; set; }

    public bool IsCancelRequested { get; private set; }

    /// <summary>The host stops: the run is left where it is and goes on at the next start.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>Completes when the run is no longer under way here.</summary>
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

    /// <summary>Asks the run to end as cancelled; the running step is cancelled. False where the walk is over, so that nobody would hear it.</summary>
    public bool TryCancel() => TryInterrupt(() => IsCancelRequested = true);

    /// <summary>Asks the run to leave off without ending.</summary>
    public void Stop() => TryInterrupt(() => IsStopping = true);

    /// <summary>Closes the walk: a run that was to be cancelled meanwhile does not wait for anything any more.</summary>
    public StepOutcome EndWalk(StepOutcome outcome)
    {
        lock (_gate)
        {
            _isWalkOver = true;
            return IsCancelRequested && outcome.Kind is (OutcomeKind.Suspended or OutcomeKind.Held) ? StepOutcome.Cancelled() : outcome;
        }
    }

    /// <summary>Opens one call of a node; its token is cancelled after the timeout.</summary>
    public CancellationToken StartCall(in OpenCall call, TimeSpan timeout)
    {
        lock (_gate)
        {
            _call = call;
            _cancelledAt = null;
            _cancellation.CancelAfter(timeout);
            return _cancellation.Token;
        }
    }

    /// <summary>Takes the call away from a walk that waits for it in vain: its token was cancelled this long ago, and the node has not come back.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="grace">How long a node may take to notice its token, counted from the first time this is asked.</param>
    public OpenCall? TryGiveUp(TimeProvider time, TimeSpan grace)
    {
        lock (_gate)
        {
            if (_call is not { } call || _disposed || !_cancellation.IsCancellationRequested)
            {
                return null;
            }

            var now = time.GetTimestamp();
            if (time.GetElapsedTime(_cancelledAt ??= now, now) < grace)
            {
                return null;
            }

            _call = null;
            return call;
        }
    }

    /// <summary>Whether the call of a node goes on by itself: the walk waits for it, and what it says meanwhile is not followed by the next step at once.</summary>
    public bool IsInTheAir
    {
        get => _isInTheAir;
        set => _isInTheAir = value;
    }

    /// <summary>The call has completed: its token's timer stops, and a token that fired is replaced. False if the call was given up before.</summary>
    public bool TryEndCall()
    {
        lock (_gate)
        {
            if (_call is null)
            {
                return false;
            }

            _call = null;
            IsInTheAir = false;
            if (!IsCancelRequested && !IsStopping && !_cancellation.TryReset())
            {
                _cancellation.Dispose();
                _cancellation = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
            }

            return true;
        }
    }

    /// <summary>A writer into an empty buffer for a step's config, used again for each step.</summary>
    public (Utf8JsonWriter Writer, ArrayBufferWriter<byte> Buffer) ConfigWriter()
    {
        _configBuffer.ResetWrittenCount();
        if (_configWriter is null)
        {
            _configWriter = new Utf8JsonWriter(_configBuffer, JsonText.Options);
        }
        else
        {
            _configWriter.Reset(_configBuffer);
        }

        return (_configWriter, _configBuffer);
    }

    /// <summary>A node that ignored its cancellation may still read its config: leave it the buffer.</summary>
    public void ForsakeConfigBuffer() => _configBuffer = new ArrayBufferWriter<byte>(512);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _cancellation.Dispose();
        }

        _configWriter?.Dispose();
        Scope.Dispose();
    }

    private bool TryInterrupt(Action mark)
    {
        CancellationTokenSource cancellation;
        lock (_gate)
        {
            if (_isWalkOver || _disposed)
            {
                return false;
            }

            mark();
            cancellation = _cancellation;
        }

        try
        {
            // Not on this thread: the node's callbacks may throw, or never return.
            _ = cancellation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The run ended in between, which is what was asked for.
        }

        return true;
    }
}
