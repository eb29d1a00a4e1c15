using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Checking;
using Sluice.Engine.Execution;
using Sluice.Engine.Plugins;
using Sluice.Engine.Text;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Publishing;

/// <summary>The workflows of this host: which version is live, what listens where, and what was rejected and why.</summary>
/// <remarks>
/// Readers take no lock; changes take turns. A change is durable before it is visible. An invalid submission changes nothing: the last good
/// version stays live.
/// </remarks>
internal sealed partial class WorkflowRegistry(IWorkflowStore store, WorkflowChecker checker, TimeProvider time, ILogger logger)
    : IWorkflowVersions, IPluginUsers, IDisposable
{
    /// <summary>The source of a workflow that did not come from a file.</summary>
    public const string Api = "api";

    private const int MostLoggedOneByOne = 20;

    // Compiles this many ahead of their first use. With more, most wait long for it and would only take memory.
    private const int MostCompiledAhead = 200;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly LiveWorkflows _workflows = new();
    private readonly RejectedWorkflows _refused = new(time, logger);
    private readonly PinnedChecker _pinned = new(checker);
    private readonly OlderVersions _older = new(store, new PinnedChecker(checker));

    /// <summary>The watched files that own names, by name. Accessed only while holding the turn.</summary>
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <summary>The current rejections, by source.</summary>
    public IReadOnlyList<RejectedWorkflow> Refused => _refused.All;

    /// <summary>Finds the workflow of a request, live or held. The path is the one below <c>/hooks</c>, still percent-encoded.</summary>
    public RouteMatch<WorkflowEntry> Match(string method, ReadOnlySpan<char> path) => _workflows.Routes.Match(method, path);

    /// <summary>Finds the live version of a workflow to start; null if there is none, or it is disabled or held.</summary>
    public LiveWorkflow? Find(string name) => _workflows[name] is { IsLive: true } entry ? Ready(entry) : null;

    /// <summary>Returns a workflow ready to run, compiled now if necessary; null if it can't run.</summary>
    public LiveWorkflow? Ready(WorkflowEntry entry)
    {
        if (entry.Code is not { } code)
        {
            return null;
        }

        if (code.Live is not { } live)
        {
            _ = DoubtAsync(entry);
            return null;
        }

        return live;
    }

    /// <summary>Returns why a workflow can't run, for its callers.</summary>
    public static string WhyNot(WorkflowEntry entry) => entry.Held?.Reason ?? entry.Code!.Problems[0].Message;

    /// <summary>Returns a workflow, live or not; null if there is none.</summary>
    public WorkflowState? State(string name) => _workflows[name] is { } entry ? StateOf(entry) : null;

    /// <summary>Returns every workflow, live or not, by name.</summary>
    public IReadOnlyList<WorkflowState> All() =>
        [.. _workflows.All.OrderBy(entry => entry.Stored.Name, StringComparer.Ordinal).Select(StateOf)];

    /// <summary>
    /// Returns a version for a run of it: compiled, or with its current problems; null if there is no such version. Older versions are
    /// compiled on demand.
    /// </summary>
    public async ValueTask<CheckedWorkflow?> FindVersionAsync(string name, int version, CancellationToken cancellationToken) =>
        _workflows[name] is { } entry && entry.Stored.Version == version
            ? entry switch
            {
                { Code: { } code } => Ready(entry) is { Compiled: var current } ? new CheckedWorkflow(current.Definition, current, []) : new CheckedWorkflow(null, null, code.Problems),
                { Held: { } held } => new CheckedWorkflow(null, null, [held.Problem]),
                _ => await _older.FindAsync(name, version, cancellationToken),
            }
            : await _older.FindAsync(name, version, cancellationToken);

    /// <summary>Compiles the first workflows ahead of their first request, until cancelled.</summary>
    public void CompileAhead(CancellationToken cancellationToken)
    {
        foreach (var entry in _workflows.All.Where(entry => entry.IsLive).Take(MostCompiledAhead).TakeWhile(_ => !cancellationToken.IsCancellationRequested))
        {
            Ready(entry);
        }
    }

    /// <summary>Loads everything in the store, with the current plugins.</summary>
    public Task LoadAsync(CancellationToken cancellationToken) => LoadAsync(null, cancellationToken);

    /// <summary>
    /// Loads everything in the store, once at startup. What no longer passes the checks is kept, not live, with its problems.
    /// </summary>
    /// <param name="restore">Restores missing plugin versions that workflows are pinned to; null to skip this.</param>
    /// <param name="cancellationToken">Cancels loading.</param>
    public async Task LoadAsync(Func<IEnumerable<PluginIdentity>, CancellationToken, Task>? restore, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        var all = await store.LatestAsync(cancellationToken);
        await (restore?.Invoke(all.SelectMany(stored => stored.Pins).Select(pin => pin.Plugin), cancellationToken) ?? Task.CompletedTask);
        await TakeOnAsync(all, _pinned.TakeOn, cancellationToken);
        logger.LogInformation(
            "Loaded {Count} workflows, {Live} of them live, {Held} held.",
            _workflows.All.Count, _workflows.All.Count(entry => entry.IsLive), _workflows.All.Count(entry => entry.Held is not null));
    }

    /// <summary>Publishes one workflow.</summary>
    public async Task<Publication> PublishAsync(Submission submission, CancellationToken cancellationToken) =>
        (await PublishAsync([submission], ImmutableHashSet<string>.Empty, cancellationToken))[0];

    /// <summary>
    /// Publishes the valid submissions of a batch in one transaction, and removes the workflows of watched files that are gone.
    /// </summary>
    /// <returns>The result of each submission, in order.</returns>
    public async Task<IReadOnlyList<Publication>> PublishAsync(
        IReadOnlyList<Submission> submissions, IReadOnlySet<string> gone, CancellationToken cancellationToken)
    {
        var live = _workflows.All.Where(entry => entry.Code is not null).ToLookup(entry => entry.Stored.Source, StringComparer.Ordinal);
        var isKept = submissions.Count <= MostCompiledAhead;
        var checks = await Batch.SelectAsync(submissions, submission => SameAsLive(submission, live) ?? Check(submission, isKept), cancellationToken);
        using var turn = await TurnAsync(cancellationToken);
        for (var index = 0; index < checks.Length; index++)
        {
            // A plugin may have been replaced since the check.
            checks[index] = SameAsLive(submissions[index], live) is null && !IsCurrent(checks[index]) ? Check(submissions[index], isKept) : checks[index];
        }

        return await ApplyAsync(submissions, checks, gone, cancellationToken);
    }

    /// <summary>Enables or disables a workflow. While it is disabled, others may use its path; enabling it is then rejected.</summary>
    public async Task<WorkflowChange> SetEnabledAsync(string name, bool enabled, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        if (_workflows[name] is not { } entry)
        {
            return WorkflowChange.NotFound;
        }

        if (enabled && _workflows.ConflictOf(entry) is { } conflict)
        {
            return WorkflowChange.Refused(PublicationPlan.RouteTaken(entry.Stored.Text, conflict));
        }

        await store.SetEnabledAsync(name, enabled, cancellationToken);
        var stored = entry.Stored with { Enabled = enabled };
        _workflows.Show(entry with { Stored = stored, Code = entry.Code?.With(stored) });
        return WorkflowChange.Done;
    }

    /// <summary>Deletes a workflow. Its versions stay for the runs that need them.</summary>
    public async Task<WorkflowChange> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        if (_workflows[name] is null)
        {
            return WorkflowChange.NotFound;
        }

        if (_owners.TryGetValue(name, out var file))
        {
            return WorkflowChange.Refused(PublicationPlan.Owned(name, file));
        }

        await TakeOffAsync(name, cancellationToken);
        return WorkflowChange.Done;
    }

    public void Dispose() => _turn.Dispose();

    private WorkflowState StateOf(WorkflowEntry entry) => new(entry, _refused.Of(entry.Stored.Name));

    private async Task<ChangeTurn> TurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new ChangeTurn(_turn);
    }

    private TextVerdict Check(Submission submission, bool isKept)
    {
        if (submission.Unreadable is { } unreadable)
        {
            return new TextVerdict(null, null, [unreadable]);
        }

        var result = checker.CheckText(submission.Text);
        if (result.Definition is not { Name.Length: > 0 } definition || submission.ExpectedName is not { } expected || expected == definition.Name)
        {
            return TextVerdict.Of(result, isKept);
        }

        var message = $"The workflow is named '{definition.Name}' here and '{expected}' in the request; make the two the same.";
        var mismatch = new Problem("name-mismatch", message, Path: "name", At: definition.NameAt);
        return new TextVerdict(definition.Name, null, [mismatch, .. result.Problems]);
    }

    // An unchanged submission is not checked again, and stays on its plugins.
    private static TextVerdict? SameAsLive(Submission submission, ILookup<string, WorkflowEntry> live) =>
        submission.Unreadable is null
        && live[submission.Source].FirstOrDefault(entry => entry.Stored.Text == submission.Text) is { } same
        && (submission.ExpectedName is not { } expected || expected == same.Name)
            ? new TextVerdict(same.Name, new PassedText(same.Name, same.Route, same.Stored.Pins, same.Stored.Check, Compiled: null), [])
            : null;

    private async Task<Publication[]> ApplyAsync(
        IReadOnlyList<Submission> submissions, TextVerdict[] checks, IReadOnlySet<string> gone, CancellationToken cancellationToken)
    {
        // A workflow of an earlier start may come from a file that no longer exists.
        foreach (var entry in gone.Count == 0 ? [] : _workflows.All.Where(entry => gone.Contains(entry.Stored.Source)))
        {
            _owners.TryAdd(entry.Stored.Name, entry.Stored.Source);
        }

        var plan = new PublicationPlan(_workflows.Routes, _owners, _workflows.IsEnabled);
        var candidates = checks.Index()
            .Where(check => check.Item.Passed is not null)
            .Select(check => new PublicationCandidate(check.Index, submissions[check.Index], check.Item.Passed!));
        plan.Judge(candidates, gone);

        var fresh = plan.Accepted.Where(candidate => _workflows[candidate.Name]?.Stored.Text != candidate.Submission.Text);
        WorkflowText[] texts =
        [
            .. fresh.Select(candidate => new WorkflowText(candidate.Name, candidate.Submission.Text, candidate.Submission.Source)
            {
                Pins = candidate.Passed.Pins,
                Check = candidate.Passed.Check,
            }),
        ];
        var stored = texts.Length == 0 ? [] : await store.PublishAsync(texts, time.GetUtcNow(), cancellationToken);
        var published = stored.ToDictionary(version => version.Name, StringComparer.Ordinal);

        var outcomes = new Publication[checks.Length];
        foreach (var candidate in plan.Accepted)
        {
            var isNew = published.TryGetValue(candidate.Name, out var version);
            version ??= await SameVersionAsync(candidate, cancellationToken);
            _workflows.Show(isNew || _workflows[candidate.Name] is not { Code: not null } ? EntryOf(version, candidate.Passed) : _workflows[candidate.Name]!);
            outcomes[candidate.Index] = new Publication(version, isNew, []);
        }

        foreach (var (index, check) in checks.Index().Where(check => outcomes[check.Index] is null))
        {
            outcomes[index] = new Publication(null, false, plan.Refused.TryGetValue(index, out var problem) ? [problem] : check.Problems);
        }

        foreach (var name in plan.Released)
        {
            await TakeOffAsync(name, cancellationToken);
        }

        Remember(submissions, checks, outcomes, gone);
        return outcomes;
    }

    private async Task TakeOffAsync(string name, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(name, cancellationToken);
        _workflows.Remove(name);
        _owners.Remove(name);
        _refused.Note(name, Api, name, []);
        logger.LogInformation("Removed the workflow {Workflow}.", name);
    }

    private void Remember(IReadOnlyList<Submission> submissions, TextVerdict[] checks, Publication[] outcomes, IReadOnlySet<string> gone)
    {
        var news = outcomes.Count(outcome => outcome.IsNew);
        for (var index = 0; index < outcomes.Length; index++)
        {
            var (submission, outcome) = (submissions[index], outcomes[index]);
            if (outcome.Stored is { } stored)
            {
                _refused.Note(stored.Name, submission.Source, stored.Name, []);
                if (submission.IsWatched)
                {
                    _owners[stored.Name] = submission.Source;
                }
            }

            if (submission.IsWatched)
            {
                _refused.Note(submission.Source, submission.Source, checks[index].Name, outcome.Problems);
            }

            if (outcome is { IsNew: true, Stored: { } version } && news <= MostLoggedOneByOne)
            {
                logger.LogInformation("Published version {Version} of {Workflow} from {Source}.", version.Version, version.Name, version.Source);
            }
        }

        foreach (var file in gone)
        {
            _refused.Note(file, file, null, []);
        }

        if (news > MostLoggedOneByOne)
        {
            logger.LogInformation("Published {Count} new versions.", news);
        }
    }

    /// <summary>Holds the exclusive right to change workflows until disposed.</summary>
    private readonly struct ChangeTurn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
