using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>Connects one run to its waiting caller: one side claims it once, the other awaits one answer.</summary>
/// <remarks>
/// A reply first claims the responder and is released when it is durable, so that no caller ever sees a reply that a crash could undo.
/// Whatever follows the claim (a second reply, the deadline) learns why it was too late.
/// </remarks>
internal sealed class Responder(RunId run)
{
    // Continuations run synchronously: the caller's response only writes to a pipe, so no thread needs to be woken.
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

    /// <summary>The answer to the caller. Completes exactly once.</summary>
    public Task<Answer> Answer => _answer.Task;

    /// <summary>Whether the caller still waits and no reply has claimed the responder.</summary>
    public bool IsWaiting => Volatile.Read(ref _state) == (int)State.Waiting;

    /// <summary>Claims the responder for a reply. Returns null on success, otherwise the reason.</summary>
    public string? TryClaim() => Move(State.Waiting, State.Replying) ? null : WhyNot((State)Volatile.Read(ref _state));

    /// <summary>Sends the claimed reply, which is now durable.</summary>
    public void Release(Reply reply) => _answer.TrySetResult(new Answer.Replied(reply));

    /// <summary>
    /// Answers without a reply, because the run ended or was acknowledged. No effect if a reply holds the claim or the caller is gone.
    /// </summary>
    public void Settle(Answer answer)
    {
        if (Move(State.Waiting, State.Answered))
        {
            _answer.TrySetResult(answer);
        }
    }

    /// <summary>Reports that the claimed reply could not be made durable.</summary>
    public void Abandon(string reason) => _answer.TrySetResult(new Answer.NotDurable(reason));

    /// <summary>
    /// Reports that the run could not be made durable. False if a reply holds the claim; its own commit then reports the result.
    /// </summary>
    public bool TryAbandon(string reason) => TryLeave(State.NotStored, new Answer.NotDurable(reason));

    /// <summary>Ends the wait at the deadline. False if a reply holds the claim and is about to be sent.</summary>
    public bool TryExpire() => TryLeave(State.DeadlinePassed, new Answer.DeadlinePassed());

    /// <summary>Ends the wait because the caller disconnected. False if a reply holds the claim.</summary>
    public bool TryHangUp() => TryLeave(State.CallerGone, new Answer.CallerGone());

    /// <summary>Sends the caller to the status resource. False if a reply holds the claim.</summary>
    public bool TryDefer() => TryLeave(State.Deferred, new Answer.Deferred());

    /// <summary>Ends the wait because the host is stopping. False if a reply holds the claim.</summary>
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
