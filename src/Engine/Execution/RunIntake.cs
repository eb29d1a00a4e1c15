using Microsoft.Extensions.Logging;
using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Takes over runs that are in the journal and not active, hundreds in one commit, and continues them. Each is read once.</summary>
internal sealed class RunIntake(
    IRunStore runs, Runner runner, RunOwnership ownership, SuspectLine suspects, Quarantine quarantine, RecoveryPlaces places, TimeProvider time, ILogger log)
{
    /// <summary>Takes over all selected runs that can continue; returns how many.</summary>
    /// <param name="selection">Which runs.</param>
    /// <param name="seen">Told of each run that was found.</param>
    /// <param name="cancellationToken">Ends the wait for places and for the journal.</param>
    public async Task<int> TakeAllAsync(RunSelection selection, Action<RunId>? seen, CancellationToken cancellationToken)
    {
        var taken = 0;
        for (var next = selection; next is not null && !runner.IsStopping;)
        {
            (var count, next) = await TakePageAsync(next, places.BatchSize, seen, cancellationToken);
            taken += count;
        }

        return taken;
    }

    /// <summary>Takes over a page of the selected runs; returns how many, and the selection of the next page.</summary>
    public async Task<(int Taken, RunSelection? Next)> TakePageAsync(
        RunSelection selection, int limit, Action<RunId>? seen, CancellationToken cancellationToken)
    {
        var page = await runs.SelectAsync(selection, Math.Min(limit, places.BatchSize), cancellationToken);
        foreach (var run in page.Runs)
        {
            seen?.Invoke(run.Header.Id);
        }

        ArraySegment<RunRecord> idle = (RunRecord[])[.. page.Runs.Where(run => !runner.IsActive(run.Header.Id))];
        // A run that is due was active before it was suspended: it waits for no place.
        var taken = selection is RunSelection.Due
            ? await TakeAsync(idle, hasPlaces: false, cancellationToken)
            : await TakeWithPlacesAsync(idle, cancellationToken);
        return (taken, page.Next);
    }

    // As many at once as there are free places.
    private async Task<int> TakeWithPlacesAsync(ArraySegment<RunRecord> idle, CancellationToken cancellationToken)
    {
        var taken = 0;
        while (idle.Count > 0)
        {
            var reserved = await places.ReserveAsync(idle.Count, cancellationToken);
            var continued = 0;
            try
            {
                continued = await TakeAsync(idle[..reserved], hasPlaces: true, cancellationToken);
            }
            finally
            {
                places.Return(reserved - continued);
            }

            taken += continued;
            idle = idle[reserved..];
        }

        return taken;
    }

    private async Task<int> TakeAsync(IReadOnlyList<RunRecord> idle, bool hasPlaces, CancellationToken cancellationToken)
    {
        using var turn = await ownership.TakeTurnAsync(cancellationToken);
        return (await ContinueAsync(idle, isAlone: false, hasPlaces, cancellationToken)).Count;
    }

    /// <summary>Takes over one run, apart from the places; null if it does not continue.</summary>
    /// <param name="id">The run.</param>
    /// <param name="isAlone">Whether it is executed without other suspects beside it, and so may be one.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    public async Task<Run?> TakeOneAsync(RunId id, bool isAlone, CancellationToken cancellationToken)
    {
        using var turn = await ownership.TakeTurnAsync(cancellationToken);
        return await runs.FindAsync(id, cancellationToken) is { } found && RunOwnership.IsUnfinished(found.Status) && !runner.IsActive(id)
            ? (await ContinueAsync([found], isAlone, hasPlaces: false, cancellationToken)).FirstOrDefault()
            : null;
    }

    // The caller has the turn. A run that has changed since it was read is not taken over: somebody else continues it, or has ended it.
    private async Task<List<Run>> ContinueAsync(IReadOnlyList<RunRecord> found, bool isAlone, bool hasPlaces, CancellationToken cancellationToken)
    {
        // One that was taken over while this batch waited for the turn may have been read in between: it is as it was read, and active.
        var candidates = await CandidatesAsync([.. found.Where(run => !runner.IsActive(run.Header.Id))], isAlone, cancellationToken);
        var continued = new List<Run>(candidates.Count);
        if (candidates.Count == 0 || runner.IsStopping)
        {
            return continued;
        }

        // What the next host must know if this one crashes, too, is durable before anything of a run is evaluated again.
        var crashes = candidates.Values.Where(candidate => candidate.Interruption is { IsNew: true })
            .ToDictionary(candidate => candidate.Record.Header.Id, JournalEntry (candidate) => candidate.Interruption!.ToEntry(time.GetUtcNow()));
        foreach (var owned in await ownership.TakeAllAsync([.. candidates.Values.Select(candidate => candidate.Record)], crashes, cancellationToken))
        {
            if (await ContinueOneAsync(candidates[owned.Header.Id], owned, hasPlaces) is { } run)
            {
                continued.Add(run);
            }
        }

        return continued;
    }

    // Decided before the take-over: a run that can't continue stays unchanged.
    private async Task<Dictionary<RunId, Candidate>> CandidatesAsync(IReadOnlyList<RunRecord> found, bool isAlone, CancellationToken cancellationToken)
    {
        var candidates = new Dictionary<RunId, Candidate>(found.Count);
        foreach (var version in found.GroupBy(run => (run.Header.Workflow, run.Header.Version)))
        {
            var (workflow, reason) = await ownership.FindWorkflowAsync(version.First().Header, cancellationToken);
            if (workflow is null)
            {
                log.LogWarning("{Count} runs of {Workflow} version {Version} wait: {Reason}", version.Count(), version.Key.Workflow, version.Key.Version, reason);
                continue;
            }

            foreach (var record in version)
            {
                if (CandidateOf(record, workflow, isAlone) is { } candidate)
                {
                    candidates[record.Header.Id] = candidate;
                }
            }
        }

        return candidates;
    }

    private Candidate? CandidateOf(RunRecord record, CompiledWorkflow workflow, bool isAlone)
    {
        try
        {
            var history = RunHistory.Of(JournalEntryReader.Read(record.Entries));
            if (history.Unknown is { } unknown)
            {
                log.LogWarning("Run {RunId} of {Workflow} is held: {Reason}", record.Header.Id, record.Header.Workflow, unknown.Reason);
                return null;
            }

            var interruption = Interruption.Of(record, history, runner.Detached.Contains(record.Header.Id));
            if (interruption is { Deaths: Interruption.Suspicious } && !isAlone)
            {
                suspects.Add(record.Header.Id);
                return null;
            }

            return new Candidate(record, workflow, interruption);
        }
        catch (Exception unreadable)
        {
            // One run that can't be read must not keep the others from going on.
            log.LogError(unreadable, "Run {RunId} can't continue; the next start tries again", record.Header.Id);
            return null;
        }
    }

    private async Task<Run?> ContinueOneAsync(Candidate candidate, RunRecord owned, bool hasPlaces)
    {
        try
        {
            if (candidate.Interruption is { Deaths: >= Interruption.Most })
            {
                await quarantine.AddAsync(owned, owned.Fence, candidate.Interruption, candidate.Workflow);
                // Who waits for its reply hears that there will be none.
                runner.Watch.Tell(owned.Header.Id);
                return null;
            }

            return Resume(candidate, owned, hasPlaces);
        }
        catch (Exception failure)
        {
            ownership.LeaveOff(owned.Header, owned.Fence);
            log.LogError(failure, "Run {RunId} can't continue; the next start tries again", owned.Header.Id);
            return null;
        }
    }

    private Run Resume(Candidate candidate, RunRecord owned, bool hasPlaces)
    {
        var run = runner.Resume(
            candidate.Workflow, owned, owned.Fence, candidate.Interruption, place: hasPlaces ? places.Occupy() : null);
        if (candidate.Interruption is { Deaths: < Interruption.Suspicious })
        {
            suspects.Note(run.Id, run.Probation!);
        }

        return run;
    }

    /// <summary>A run that can continue.</summary>
    /// <param name="Record">The run as it was read.</param>
    /// <param name="Workflow">What it executes.</param>
    /// <param name="Interruption">The deaths of its hosts.</param>
    private sealed record Candidate(RunRecord Record, CompiledWorkflow Workflow, Interruption? Interruption);
}
