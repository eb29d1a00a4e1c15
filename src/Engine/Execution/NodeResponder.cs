using Sluice.Engine.Blobs;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>The responder that one call of a replying node holds: checks a reply and offers it to the run.</summary>
internal sealed class NodeResponder(Run run, string path, int maxReplyBytes, BlobStore blobs, TimeProvider time) : IResponder
{
    /// <summary>The path of the step that replies.</summary>
    public string Path => path;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Whether the call is over. <see cref="RunReply"/> guards it.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether a reply was rejected for its length: the bound is the host's, so the caller is not at fault.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Ends the call: what its node still replies is discarded.</summary>
    public void Close() => run.Reply.Close(this);

    public ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        cancellationToken.ThrowIfCancellationRequested();
        IsTooLong |= reply.Body.Length > maxReplyBytes;
        ReplyRules.Check(reply, maxReplyBytes);
        if (reply.Blob is { } blob && blobs.Find(run.Id, blob) is null)
        {
            throw new ReplyRefusedException(
                "This run has no such file. A reply can send a file that came with the request of its own run: one of `trigger.output.files`, as long as it is kept.");
        }

        return ValueTask.FromResult(run.Reply.Offer(this, reply));
    }
}
