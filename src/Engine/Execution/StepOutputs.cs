using System.Collections.Immutable;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;
using Sluice.Engine.Secrets;

namespace Sluice.Engine.Execution;

/// <summary>Makes the outputs of steps readable to later steps, and loads those that are stored apart for the step that reads them.</summary>
internal sealed class StepOutputs(IRunStore runs, ISecrets secrets, TimeProvider time)
{
    /// <summary>Makes the output of a step readable.</summary>
    /// <param name="run">The run.</param>
    /// <param name="record">The record of the step, as the journal has it.</param>
    /// <param name="undurable">The bytes of an output that is stored apart and not durable yet.</param>
    public void Add(Run run, JournalEntry.Step record, ReadOnlyMemory<byte>? undurable = null)
    {
        if (record.Status is not (StepStatus.Succeeded or StepStatus.Skipped))
        {
            return;
        }

        if (record.OutputBytes is not null)
        {
            lock (run.Scope)
            {
                run.Scope.Add(new LargeOutput(record) { Undurable = undurable });
            }

            return;
        }

        var output = record.Secrets.IsEmpty ? record.Output : Restore(run, record, record.Output, warns: true);
        lock (run.Scope)
        {
            run.Scope.Add(record.Key, StepValue.Of(record, output));
        }
    }

    /// <summary>Loads the outputs that a step may read.</summary>
    /// <exception cref="OutputUnreadableException">One can't be read.</exception>
    public async ValueTask<LoadedOutputs> LoadAsync(Run run, StepCall call, CancellationToken cancellationToken)
    {
        var loaded = new LoadedOutputs();
        foreach (var (output, undurable) in Needed(run, call))
        {
            var record = output.Record;
            var stored = undurable ?? await FindAsync(run, call, record, cancellationToken);
            var bytes = record.Secrets.IsEmpty ? stored : Restore(run, record, stored, warns: !output.HasWarned);
            output.HasWarned = true;
            loaded.Add(output, StepValue.Of(record, bytes));
        }

        return loaded;
    }

    private static List<(LargeOutput Output, ReadOnlyMemory<byte>? Undurable)> Needed(Run run, StepCall call)
    {
        lock (run.Scope)
        {
            return [.. run.Scope.LargeOutputsFor(call).Select(output => (output, output.Undurable))];
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> FindAsync(Run run, StepCall call, JournalEntry.Step record, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? found;
        try
        {
            found = await runs.FindOutputAsync(run.Id, record.Key, record.Attempt, cancellationToken);
        }
        catch (JournalUnavailableException failure)
        {
            throw Unreadable($"{failure.Message} Retry the run once the journal can be read.", failure);
        }

        return found is { } bytes && StoredOutput.IsIntact(bytes.Span, record.OutputBytes) ? bytes : throw Unreadable(
            $"The journal has {(found is null ? "no row" : found.Value.Length == record.OutputBytes ? "no JSON" : $"{found.Value.Length:N0} bytes")} for it, so the database is damaged. "
            + $"Restore the database from a backup, or start a new run with the recorded request: sluice requests save {run.IdText}");

        OutputUnreadableException Unreadable(string why, Exception? cause = null) =>
            new($"Step {call.Path} of run {run.IdText} can't read the output of step {record.Key} ({record.OutputBytes:N0} bytes). {why}", cause);
    }

    // What is masked is put back: the steps after it read the same before and after a crash.
    private ReadOnlyMemory<byte> Restore(Run run, JournalEntry.Step record, ReadOnlyMemory<byte> stored, bool warns)
    {
        var missing = new List<string>();
        var output = MaskedJson.Restore(stored, record.Secrets, secrets.Find, missing);
        foreach (var secret in warns ? missing.Distinct() : [])
        {
            run.Log.Append(new JournalEntry.Warning(
                $"The output of step {record.Key} held the secret {secret}, which this host does not have; *** stands in its place.", time.GetUtcNow()));
        }

        return output;
    }
}

/// <summary>An output that is stored apart can't be read. The message says which, why, and what to do.</summary>
internal sealed class OutputUnreadableException(string message, Exception? cause) : Exception(message, cause);
