using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>The runs that crashed their host each time they were active.</summary>
/// <remarks>They stay in the journal until somebody releases them, or another version of their plugin does.</remarks>
internal sealed class Quarantine(IRunStore runs, ICommitQueue queue, TimeProvider time, ILogger log)
{
    private const int PageSize = 200;

    private int _count;

    /// <summary>How many runs are quarantined.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts those of earlier starts.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in AllAsync(cancellationToken))
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>Quarantines a run that this host owns.</summary>
    public async Task AddAsync(RunRecord run, long fence, Interruption interruption, CompiledWorkflow workflow)
    {
        var now = time.GetUtcNow();
        var message = Reason(interruption, workflow);
        var runLog = new RunLog(queue, run.Header, fence, isNew: false);
        runLog.Append(new JournalEntry.Quarantined(interruption.Step?.Key, interruption.Step?.Plugin, message, now));
        await runLog.DurableAsync();
        Interlocked.Increment(ref _count);
        log.LogError("Run {RunId} of {Workflow} is quarantined: {Reason}", run.Header.Id, run.Header.Workflow, message);
    }

    /// <summary>A run was retried or cancelled; no effect if it was not quarantined.</summary>
    public void NoteRelease(RunRecord run) => Interlocked.Add(ref _count, run.Status == RunStatus.Quarantined ? -1 : 0);

    /// <summary>The runs whose step would now run in another version of its plugin, each with a warning for the run's reader.</summary>
    public async IAsyncEnumerable<(RunId Run, string Warning)> ReleasableAsync(RunOwnership ownership, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (run, entry) in AllAsync(cancellationToken))
        {
            var (workflow, _) = await ownership.FindWorkflowAsync(run, cancellationToken);
            if (workflow?.AllSteps().FirstOrDefault(step => step.Key == entry.Key)?.Node.Enter() is not { } node)
            {
                continue;
            }

            node.Leave();
            var plugin = node.Descriptor.Plugin;
            if (entry.Plugin is { } before && plugin.Record != before)
            {
                yield return (run.Id, $"The run was released from quarantine: step {entry.Key} runs in {plugin.Label} now.");
            }
        }
    }

    private async IAsyncEnumerable<(RunHeader Run, JournalEntry.Quarantined Entry)> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RunId? before = null;
        while (await runs.ListAsync(new RunFilter(Status: RunStatus.Quarantined, Before: before, Limit: PageSize), cancellationToken) is { Count: > 0 } page)
        {
            foreach (var run in page)
            {
                if (await runs.FindAsync(run.Id, cancellationToken) is { Status: RunStatus.Quarantined } record
                    && RunHistory.Of(JournalEntryReader.Read(record.Entries)).Quarantine is { } entry)
                {
                    yield return (record.Header, entry);
                }
            }

            before = page[^1].Id;
        }
    }

    private static string Reason(Interruption interruption, CompiledWorkflow workflow)
    {
        const string release = "`sluice runs retry` releases it";
        if (interruption.Step is not { } step)
        {
            return $"{interruption.Deaths} hosts crashed while this run was between two steps. The run does not continue; {release}.";
        }

        var node = workflow.AllSteps().FirstOrDefault(candidate => candidate.Key == step.Key)?.Node.Descriptor;
        var plugin = step.Plugin is { } record ? Plugins.PluginIdentity.Parse(record).Label : node?.Plugin.Label;
        return $"{interruption.Deaths} hosts crashed while step {step.Key} (node '{node?.Type}' of plugin {plugin}) was active. The run does not continue; "
            + $"another version of the plugin or {release}. To protect the host, run the plugin with `isolation: process`.";
    }
}
