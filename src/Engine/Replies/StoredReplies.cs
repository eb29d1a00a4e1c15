using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Replies;

/// <summary>Finds the response to a run that another request started. It is read from the journal, so a crash does not change it.</summary>
internal sealed class StoredReplies(IRunStore runs, RunWatch watch, TimeProvider time)
{
    /// <summary>Returns the current state of the run's response; null if there is no durable run with this id.</summary>
    public async ValueTask<StoredReply?> FindAsync(RunId run, CancellationToken cancellationToken) =>
        await runs.ProgressAsync(run, cancellationToken) is { } progress ? StoredReply.Of(progress) : null;

    /// <summary>
    /// Waits until <paramref name="isEnough"/> accepts the response, or until <paramref name="patience"/> is over, and returns it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public async ValueTask<StoredReply?> WaitAsync(RunId run, Func<StoredReply, bool> isEnough, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var watcher = watch.Watch(run);
        while (true)
        {
            // Subscribed before reading, so that nothing that happens afterwards is missed.
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
                // The last read, above, has the current state.
            }
        }
    }
}

/// <summary>The state of a run's response.</summary>
/// <param name="Status">The status of the run.</param>
/// <param name="Answer">The reply, or how the run ended without one; null while it is pending.</param>
/// <param name="Acknowledgement">What the caller got as soon as the run was durable, if no step replies; null if a step does.</param>
internal sealed record StoredReply(RunStatus Status, Answer? Answer, Answer? Acknowledgement)
{
    /// <summary>Reads the response from the journal entries of a run.</summary>
    /// <exception cref="JsonException">The bytes are not valid journal content.</exception>
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
        RunStatus.Quarantined => new Answer.Failed(new NodeFailure("quarantined", "The run is quarantined: the host crashed each time it executed the run.")),
        RunStatus.Failed => new Answer.Failed(
            entries.OfType<JournalEntry.Ended>().LastOrDefault()?.Error ?? new NodeFailure(FailureKind.Defect, "The run failed.")),
        _ => null,
    };
}
