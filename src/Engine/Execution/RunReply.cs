using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>The one reply of a run: whether it has been given, who waits for it, and who may ask for it later.</summary>
/// <param name="run">The run.</param>
/// <param name="responder">The waiting caller; null if nobody waits.</param>
/// <param name="watchers">Wakes those who ask for the reply later; null if nobody may ask, so that a reply to nobody is dropped.</param>
internal sealed class RunReply(Run run, Responder? responder, RunWatch? watchers)
{
    private readonly Lock _gate = new();
    private bool _isGiven = run.History.HasReplied;
    private bool _isRepeatExpected = run.History.RepliedBy is { } step && run.History.Finished(step) is null;

    /// <summary>The waiting caller; null if nobody waits.</summary>
    public Responder? Responder => responder;

    /// <summary>Discards what a call still replies: the call is over.</summary>
    public void Close(NodeResponder call)
    {
        lock (_gate)
        {
            call.IsClosed = true;
        }
    }

    /// <summary>Takes the reply of a call. It leaves the host when it is durable.</summary>
    public ReplyReceipt Offer(NodeResponder call, Reply reply)
    {
        lock (_gate)
        {
            if (call.IsClosed)
            {
                return new ReplyReceipt(false, "The call of this step is over: it returned, or it was given up.");
            }

            return _isGiven ? Repeat(call) : First(call, reply);
        }
    }

    private ReplyReceipt Repeat(NodeResponder call)
    {
        // A call that a crash cut off after its reply was durable: the reply is on its way or there, and is not sent again.
        if (_isRepeatExpected && run.History.RepliedBy == call.Path)
        {
            _isRepeatExpected = false;
            return new ReplyReceipt(true);
        }

        return NotSent(call, "This run has replied already; a run replies once.");
    }

    private ReplyReceipt First(NodeResponder call, Reply reply)
    {
        if (responder is null)
        {
            return KeepOrDrop(
                call, reply, "Nobody waits for this run: it was not started by a webhook, or its caller had a response or was gone before the run continued.");
        }

        if (responder.TryClaim() is { } whyNot)
        {
            return KeepOrDrop(call, reply, whyNot);
        }

        Append(call, reply, isSent: true);
        // Most runs end with their reply: then both are written at once. A node that keeps working, or the next barrier, wakes the writer.
        run.Log.Notify(new Release(this, responder, reply), canWait: !run.IsInTheAir);
        return new ReplyReceipt(true);
    }

    // Not sent either way: whether anybody will ask for it is not known.
    private ReplyReceipt KeepOrDrop(NodeResponder call, Reply reply, string reason)
    {
        if (watchers is null)
        {
            return NotSent(call, reason);
        }

        Append(call, reply, isSent: false);
        run.Log.Notify(new Release(this, null, reply));
        return new ReplyReceipt(false, $"{reason} The reply is kept for those who ask for it later.");
    }

    private void Append(NodeResponder call, Reply reply, bool isSent)
    {
        _isGiven = true;
        run.Log.Append(run.Mask.Apply(reply, call.Now) with { By = call.Path, Sent = isSent });
    }

    private ReplyReceipt NotSent(NodeResponder call, string reason)
    {
        run.Log.Append(new JournalEntry.Warning($"Step {call.Path} replied and nothing was sent. {reason}", call.Now));
        return new ReplyReceipt(false, reason);
    }

    /// <summary>The barrier: the reply leaves the host after the commit that holds it.</summary>
    private sealed class Release(RunReply reply, Responder? responder, Reply content) : IDurabilityObserver
    {
        public void OnSettled(Exception? failure)
        {
            if (failure is null)
            {
                responder?.Release(content);
                reply.TellWatchers();
            }
            else
            {
                responder?.Abandon(failure.Message);
            }
        }
    }

    private void TellWatchers() => watchers?.Tell(run.Id);
}
