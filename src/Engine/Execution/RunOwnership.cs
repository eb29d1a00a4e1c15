using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Makes this host the owner of runs that are in the journal, one run at a time.</summary>
internal sealed class RunOwnership(IRunStore runs, ICommitQueue queue, Runner runner, IWorkflowVersions workflows, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _oneTakeOver = new(1, 1);

    public static bool IsUnfinished(RunStatus status) => status is RunStatus.Queued or RunStatus.Running or RunStatus.Suspended;

    /// <summary>Waits for the turn: one at a time from the look at a run to its walk, or two that raised its fence would shut each other out.</summary>
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

        if (runner.IsActive(id) || await runs.TakeOverAsync(id, found.Fence, cancellationToken) is not { } fence)
        {
            return (default, "The run is active.");
        }

        if (found.Status == RunStatus.Queued)
        {
            runner.Backlog.Remove();
        }

        try
        {
            // Once more: between the look at it and the take-over it may have ended.
            var owned = await runs.FindAsync(id, CancellationToken.None);
            return owned is null ? (default, $"There is no run {id}.") : refuse(owned.Status) is { } ended ? (default, ended) : (await use(owned, fence), null);
        }
        catch
        {
            LeaveOff(found, fence);
            throw;
        }
    }

    public void Dispose() => _oneTakeOver.Dispose();

    // A run that was taken over and is not walked would look as if this host had died with it. A death that is not recorded yet has to stay one.
    private void LeaveOff(RunRecord before, long fence)
    {
        if (Interruption.Of(before, runner.LetGoRuns.Contains(before.Header.Id)) is { IsNew: true })
        {
            return;
        }

        runner.LetGoRuns.Add(before.Header.Id);
        var log = new RunLog(queue, before.Header, fence, isNew: false);
        log.Append(new JournalEntry.LeftOff(fence, time.GetUtcNow()));
        log.Commit();
    }

    /// <summary>The turn of one take-over; disposing ends it.</summary>
    internal readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
