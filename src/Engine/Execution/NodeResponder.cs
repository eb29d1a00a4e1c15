using Sluice.Engine.Blobs;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>The responder that one call of a replying node holds: the run's side of the channel.</summary>
internal sealed class NodeResponder(Run run, string step, int maxReplyBytes, BlobStore blobs, TimeProvider time) : IResponder
{
    private readonly Lock _gate = new();
    private bool _isFirst = true;
    private bool _isClosed;

    /// <summary>The call is over: what its node still replies is discarded.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }

    /// <summary>Whether a reply was refused for its length: the bound is the host's, so the caller is not at fault.</summary>
    public bool RefusedForLength { get; private set; }

    public ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        cancellationToken.ThrowIfCancellationRequested();
        RefusedForLength |= reply.Body.Length > maxReplyBytes;
        ReplyRules.Check(reply, maxReplyBytes);
        if (reply.Blob is { } blob && blobs.Find(run.Id, blob) is null)
        {
            throw new ReplyRefusedException(
                "This run has no such file. A reply can send a file that came with the request of its own run: one of `trigger.output.files`, as long as it is kept.");
        }

        lock (_gate)
        {
            return ValueTask.FromResult(_isClosed ? new ReplyReceipt(false, "The call of this step is over: it returned, or it was given up.") : Offer(reply));
        }
    }

    private ReplyReceipt Offer(Reply reply)
    {
        if (run.HasReplied)
        {
            // A call that a crash cut off after its reply was durable: the reply is on its way or there, and is not sent again.
            if (_isFirst && run.History.RepliedBy == step && run.History.Finished(step) is null)
            {
                _isFirst = false;
                return new ReplyReceipt(true);
            }

            return NotSent("This run has replied already; a run replies once.");
        }

        if (run.Responder is not { } responder)
        {
            return KeepOrDrop(reply, "Nobody waits for this run: it was not started by a webhook, or its caller was answered or gone before it was taken up again.");
        }

        if (responder.TryClaim() is { } whyNot)
        {
            return KeepOrDrop(reply, whyNot);
        }

        Append(reply, isSent: true);
        // Most runs end with their reply: then both are written at once. A node that goes on working, or the next barrier, has the writer come.
        run.Log.Notify(new Release(run, responder, reply), canWait: !run.IsInTheAir);
        return new ReplyReceipt(true);
    }

    // Not sent either way: whether anybody will ask for it is not known.
    private ReplyReceipt KeepOrDrop(Reply reply, string reason)
    {
        if (run.ReplyWatchers is null)
        {
            return NotSent(reason);
        }

        Append(reply, isSent: false);
        run.Log.Notify(new Release(run, null, reply));
        return new ReplyReceipt(false, $"{reason} The reply is kept for those who ask for it later.");
    }

    private void Append(Reply reply, bool isSent)
    {
        run.HasReplied = true;
        run.Log.Append(run.Mask.Apply(reply, time.GetUtcNow()) with { By = step, Sent = isSent });
    }

    private ReplyReceipt NotSent(string reason)
    {
        run.Log.Append(new JournalEntry.Warning($"Step {step} replied and nothing was sent. {reason}", time.GetUtcNow()));
        return new ReplyReceipt(false, reason);
    }

    /// <summary>The barrier: the reply leaves the host after the commit that holds it.</summary>
    private sealed class Release(Run run, Responder? responder, Reply reply) : IDurabilityObserver
    {
        public void OnSettled(Exception? failure)
        {
            if (failure is null)
            {
                responder?.Release(reply);
                run.ReplyWatchers?.Tell(run.Id);
            }
            else
            {
                responder?.Abandon(failure.Message);
            }
        }
    }
}
