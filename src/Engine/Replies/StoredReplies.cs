using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>What somebody is told who asks for the answer of a run that another request began: read from the journal, so a crash changes nothing about it.</summary>
internal sealed class StoredReplies(IRunStore runs, RunWatch watch, TimeProvider time)
{
    /// <summary>How far the run's answer is now; null where there is no such run, as far as it is durable.</summary>
    public async ValueTask<StoredReply?> FindAsync(RunId run, CancellationToken cancellationToken) =>
        await runs.ProgressAsync(run, cancellationToken) is { } progress ? StoredReply.Of(progress) : null;

    /// <summary>The same, once <paramref name="isEnough"/> holds of it or the patience is over.</summary>
    /// <exception cref="OperationCanceledException">Whoever asks is gone.</exception>
    public async ValueTask<StoredReply?> WaitAsync(RunId run, Func<StoredReply, bool> isEnough, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var watcher = watch.Watch(run);
        while (true)
        {
            // Before the look: what happens after it is then not missed.
            var next = watcher.NextAsync();
            var answer = await FindAsync(run, cancellationToken);
            var left = patience - time.GetElapsedTime(began);
            if (answer is null || isEnough(answer) || left <= TimeSpan.Zero)
            {
                return answer;
            }

            try
            {
                await next.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The last look, above, says how far it is.
            }
        }
    }
}

/// <summary>How far the answer of a run is.</summary>
/// <param name="Status">Where the run stands.</param>
/// <param name="Answer">What it has come to: its reply, or how it ended without one; null while that is open.</param>
/// <param name="Acknowledgement">What its caller was told as soon as the run was durable, because no step replies; null where a step does.</param>
internal sealed record StoredReply(RunStatus Status, Answer? Answer, Answer? Acknowledgement)
{
    /// <summary>Reads the journal's entries of a run.</summary>
    /// <exception cref="JsonException">The bytes are not what a journal holds.</exception>
    public static StoredReply Of(RunProgress progress)
    {
        var entries = JournalEntryReader.Read(progress.Entries);
        var kept = entries.OfType<JournalEntry.ReplyKept>().FirstOrDefault();
        var acknowledgement = kept?.Acknowledgement is { } given ? Again(given) : new Answer.Acknowledged();
        var reply = entries.OfType<JournalEntry.Replied>().FirstOrDefault();
        return new StoredReply(
            progress.Status,
            reply is null ? Ending(progress.Status, entries, acknowledgement) : Again(reply),
            kept is { Acknowledged: true } ? acknowledgement : null);
    }

    private static Answer Again(JournalEntry.Replied reply) => reply.Masked
        ? new Answer.NotKept()
        : new Answer.Replied(new Reply(reply.Status, reply.Body) { Blob = reply.Blob, ContentType = reply.ContentType, Headers = reply.Headers, Sandbox = reply.Sandbox });

    private static Answer? Ending(RunStatus status, ImmutableArray<JournalEntry> entries, Answer acknowledgement) => status switch
    {
        RunStatus.Succeeded => acknowledgement,
        RunStatus.Cancelled => new Answer.Failed(new NodeFailure(FailureKind.Cancelled, "The run was cancelled.")),
        RunStatus.Quarantined => new Answer.Failed(new NodeFailure("quarantined", "The run is quarantined: its host ended each time it was walked.")),
        RunStatus.Failed => new Answer.Failed(
            entries.OfType<JournalEntry.Ended>().LastOrDefault()?.Error ?? new NodeFailure(FailureKind.Defect, "The run failed.")),
        _ => null,
    };
}
