using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Embedding;

/// <summary>Reads the details of a run from its record.</summary>
internal static class DetailsReader
{
    public static async ValueTask<RunDetails> ReadAsync(RunRecord record, IRunStore runs, CancellationToken cancellationToken)
    {
        var entries = JournalEntryReader.Read(record.Entries);
        var steps = new List<RunStep>();
        foreach (var step in entries.OfType<JournalEntry.Step>())
        {
            var output = step.OutputBytes is null ? step.Output : await runs.FindOutputAsync(record.Header.Id, step.Key, step.Attempt, cancellationToken) ?? default;
            steps.Add(Of(step, step.OutputBytes is null || StoredOutput.IsIntact(output.Span, step.OutputBytes) ? output : default));
        }

        // A retried run has ended before; only the last end counts, and only while no retry came after it.
        var ended = entries.LastOrDefault(entry => entry is JournalEntry.Ended or JournalEntry.Retried) as JournalEntry.Ended;
        return new RunDetails(
            record.Header.Id.Value,
            record.Header.Workflow,
            record.Header.Version,
            Of(record.Status),
            record.Header.StartedAt,
            record.FinishedAt,
            ended?.Error,
            entries.OfType<JournalEntry.Replied>().Select(Of).FirstOrDefault(),
            steps,
            [.. entries.OfType<JournalEntry.Warning>().Select(warning => warning.Message)]);
    }

    private static RunStep Of(JournalEntry.Step step, ReadOnlyMemory<byte> output) => new(
        step.Key,
        step.Type,
        step.Status.ToString().ToLowerInvariant(),
        step.Attempt,
        step.Port,
        output.IsEmpty ? null : JsonElement.Parse(output.Span),
        step.Error,
        step.Duration);

    private static Reply Of(JournalEntry.Replied reply) => new(reply.Status, reply.Body)
    {
        Blob = reply.Blob,
        ContentType = reply.ContentType,
        Headers = reply.Headers,
        Sandbox = reply.Sandbox,
    };

    private static RunState Of(RunStatus status) => status switch
    {
        RunStatus.Queued => RunState.Queued,
        RunStatus.Running => RunState.Running,
        RunStatus.Suspended => RunState.Suspended,
        RunStatus.Succeeded => RunState.Succeeded,
        RunStatus.Failed => RunState.Failed,
        RunStatus.Cancelled => RunState.Cancelled,
        RunStatus.Quarantined => RunState.Quarantined,
        _ => throw new InvalidOperationException($"Unknown status {status}."),
    };
}
