using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Makes this host the owner of runs that are in the journal, one run at a time.</summary>
internal sealed class RunOwnership(IJournal journal, Runner runner, IWorkflowVersions workflows) : IDisposable
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
            : (null, found?.Problems.FirstOrDefault()?.Message ?? $"Version {run.Version} of {run.Workflow} is not there.");
    }

    /// <summary>Makes this host the owner of a run, and reads the run again: between a look at it and the take-over it may have ended.</summary>
    /// <param name="id">The run.</param>
    /// <param name="refuse">Why a run with this status is not to be taken; null if it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(RunRecord? Record, long Fence, string? Reason)> TakeAsync(
        RunId id, Func<RunStatus, string?> refuse, CancellationToken cancellationToken)
    {
        if (await journal.FindAsync(id, cancellationToken) is not { } found)
        {
            return (null, 0, $"There is no run {id}.");
        }

        if (refuse(found.Status) is { } reason)
        {
            return (null, 0, reason);
        }

        if (runner.IsActive(id) || await journal.TakeOverAsync(id, found.Fence, cancellationToken) is not { } fence)
        {
            return (null, 0, "The run is under way.");
        }

        if (found.Status == RunStatus.Queued)
        {
            runner.Backlog.Remove();
        }

        var owned = await journal.FindAsync(id, cancellationToken);
        return owned is null ? (null, 0, $"There is no run {id}.") : refuse(owned.Status) is { } ended ? (null, 0, ended) : (owned, fence, null);
    }

    public void Dispose() => _oneTakeOver.Dispose();

    /// <summary>The turn of one take-over; disposing ends it.</summary>
    internal readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
