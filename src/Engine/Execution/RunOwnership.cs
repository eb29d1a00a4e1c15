using System.Collections.Frozen;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Makes this host the owner of runs that are in the journal.</summary>
internal sealed class RunOwnership(IRunStore runs, ICommitQueue queue, Runner runner, IWorkflowVersions workflows, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _oneTakeOver = new(1, 1);

    public static bool IsUnfinished(RunStatus status) => status is RunStatus.Queued or RunStatus.Running or RunStatus.Suspended;

    /// <summary>Waits for the turn: one batch at a time, from the take-over to the walk of its runs, or two that raised a fence would shut each other out.</summary>
    public async ValueTask<Turn> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _oneTakeOver.WaitAsync(cancellationToken);
        return new Turn(_oneTakeOver);
    }

    /// <summary>The workflow version that a run executes, or why it can't.</summary>
    public async ValueTask<(CompiledWorkflow? Workflow, string? Reason)> FindWorkflowAsync(RunHeader run, CancellationToken cancellationToken)
    {
        var found = await workflows.FindVersionAsync(run.Workflow, run.Version, cancellationToken);
        return found?.Compiled is { } compiled
            ? (compiled, null)
            : (null, found?.Problems.FirstOrDefault()?.Message ?? $"Version {run.Version} of {run.Workflow} does not exist.");
    }

    /// <summary>Makes this host the owner of a run, and continues or ends the run.</summary>
    /// <param name="id">The run.</param>
    /// <param name="refuse">Why a run with this status must not be taken over; null if it may be.</param>
    /// <param name="use">Continues or ends the run, given its record after the take-over and the fencing number.</param>
    /// <param name="cancellationToken">Ends the wait for the take-over, not what follows it.</param>
    /// <returns>What <paramref name="use"/> returns, or why the run was not taken over.</returns>
    public async Task<(T? Result, string? Reason)> TakeAsync<T>(
        RunId id, Func<RunStatus, string?> refuse, Func<RunRecord, long, Task<T>> use, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(id, cancellationToken) is not { } found)
        {
            return (default, $"There is no run {id}.");
        }

        if (refuse(found.Status) is { } reason)
        {
            return (default, reason);
        }

        if (runner.IsActive(id) || await TakeAllAsync([found], FrozenDictionary<RunId, JournalEntry>.Empty, cancellationToken) is not [var owned])
        {
            return (default, "The run is active.");
        }

        try
        {
            return (await use(owned, owned.Fence), null);
        }
        catch
        {
            // A crash that is not recorded yet has to stay one.
            if (Interruption.Of(found, RunHistory.Of(JournalEntryReader.Read(found.Entries)), runner.Detached.Contains(id)) is not { IsNew: true })
            {
                LeaveOff(found.Header, owned.Fence);
            }

            throw;
        }
    }

    /// <summary>Makes this host the owner of runs, in one commit, as far as they are as they were read; returns them with their new fencing numbers.</summary>
    /// <param name="found">The runs as they were read.</param>
    /// <param name="crashes">The crashes of their last hosts that are not recorded yet: appended in the same commit.</param>
    /// <param name="cancellationToken">Ends the wait for the commit.</param>
    public async Task<IReadOnlyList<RunRecord>> TakeAllAsync(
        IReadOnlyList<RunRecord> found, IReadOnlyDictionary<RunId, JournalEntry> crashes, CancellationToken cancellationToken)
    {
        var owned = await runs.TakeOverAsync(found, crashes, cancellationToken);
        foreach (var run in owned)
        {
            if (run.Status == RunStatus.Queued)
            {
                runner.Backlog.Remove();
            }
        }

        return owned;
    }

    public void Dispose() => _oneTakeOver.Dispose();

    /// <summary>Records that a run was taken over and is not executed: otherwise it would look as if this host had crashed with it.</summary>
    public void LeaveOff(RunHeader run, long fence)
    {
        runner.Detached.Add(run.Id);
        var log = new RunLog(queue, run, fence, isNew: false);
        OutcomeRecord.AppendLeftOff(log, time.GetUtcNow());
        log.Commit();
    }

    /// <summary>The turn of one take-over; disposing ends it.</summary>
    internal readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
