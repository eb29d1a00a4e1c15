using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>The channel between one run and its waiting caller: one side claims it once, the other awaits one answer.</summary>
/// <remarks>
/// A reply first claims the responder and is released when it is durable, so no caller ever sees a reply that a crash could take back.
/// Whatever comes after the claim (a second reply, the deadline) is told why it came too late.
/// </remarks>
internal sealed class Responder(RunId run)
{
    // Whoever settles it goes on with the caller's response, which only writes into a pipe: no thread is woken for that.
    private readonly TaskCompletionSource<Answer> _answer = new();
    private int _state;

    private enum State
    {
        Waiting,
        Replying,
        Answered,
        DeadlinePassed,
        CallerGone,
        Deferred,
        Stopping,
        NotStored,
    }

    public RunId Run { get; } = run;

    /// <summary>What the caller is to be told; completes exactly once.</summary>
    public Task<Answer> Answer => _answer.Task;

    /// <summary>Whether the caller still waits and no reply has claimed them.</summary>
    public bool IsWaiting => Volatile.Read(ref _state) == (int)State.Waiting;

    /// <summary>Claims the caller for a reply; null where claimed, else the reason why not.</summary>
    public string? TryClaim() => Move(State.Waiting, State.Replying) ? null : WhyNot((State)Volatile.Read(ref _state));

    /// <summary>The claimed reply is durable: let the caller have it.</summary>
    public void Release(Reply reply) => _answer.TrySetResult(new Answer.Replied(reply));

    /// <summary>The run ended, or was acknowledged, without a reply; no effect where the caller is claimed or gone.</summary>
    public void Settle(Answer answer)
    {
        if (Move(State.Waiting, State.Answered))
        {
            _answer.TrySetResult(answer);
        }
    }

    /// <summary>The claimed reply could not be made durable.</summary>
    public void Abandon(string reason) => _answer.TrySetResult(new Answer.NotDurable(reason));

    /// <summary>The run could not be made durable. False where a reply holds the claim already: what becomes of it is told by its own commit.</summary>
    public bool TryAbandon(string reason) => TryLeave(State.NotStored, new Answer.NotDurable(reason));

    /// <summary>The caller has waited long enough. False where a reply holds the claim already: it is on its way.</summary>
    public bool TryExpire() => TryLeave(State.DeadlinePassed, new Answer.DeadlinePassed());

    /// <summary>The caller disconnected. False if a reply has already claimed the responder.</summary>
    public bool TryHangUp() => TryLeave(State.CallerGone, new Answer.CallerGone());

    /// <summary>The caller is sent to the status resource. False where a reply holds the claim already.</summary>
    public bool TryDefer() => TryLeave(State.Deferred, new Answer.Deferred());

    /// <summary>The host stops. False where a reply holds the claim already.</summary>
    public bool TryStop() => TryLeave(State.Stopping, new Answer.Stopping());

    private bool TryLeave(State state, Answer answer) => Move(State.Waiting, state) && _answer.TrySetResult(answer);

    private bool Move(State from, State to) => Interlocked.CompareExchange(ref _state, (int)to, (int)from) == (int)from;

    private static string WhyNot(State state) => state switch
    {
        State.DeadlinePassed => "The caller's deadline had passed: it was answered before this reply came.",
        State.CallerGone => "The caller disconnected before this reply.",
        State.Deferred => "The caller had been answered 202 and asks at the status resource.",
        State.Stopping => "The host was stopping and had answered the caller 503.",
        State.NotStored => "The run could not be stored for a while, and its caller had been answered 503.",
        State.Answered => "The caller had been answered with the default acknowledgement.",
        _ => "This run has replied already; a run replies once.",
    };
}
