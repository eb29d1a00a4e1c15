using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Publishing;

/// <summary>A submission of a batch that has passed the checks.</summary>
/// <param name="Index">Its index in the batch.</param>
/// <param name="Submission">The submission.</param>
/// <param name="Passed">The checked workflow.</param>
internal sealed record PublicationCandidate(int Index, Submission Submission, PassedText Passed)
{
    public string Name => Passed.Name;
}

/// <summary>Decides which submissions of a batch may go live together: who owns each name, and whose paths conflict.</summary>
/// <remarks>
/// A batch is judged by its result, not by its order: two workflows may swap their paths. A rejected submission leaves its last good
/// version live, which may conflict with others; so the decision is repeated until no other submission is rejected.
/// </remarks>
/// <param name="routes">The current routes.</param>
/// <param name="owners">The watched files that own names, by name.</param>
/// <param name="isEnabled">Returns whether the workflow with a name accepts requests after it is published.</param>
internal sealed class PublicationPlan(
    WebhookRoutes<WorkflowEntry> routes, IReadOnlyDictionary<string, string> owners, Func<string, bool> isEnabled)
{
    private readonly Dictionary<int, Problem> _refused = [];

    public ImmutableArray<PublicationCandidate> Accepted { get; private set; } = [];

    /// <summary>Why candidates were rejected, by their index in the batch.</summary>
    public IReadOnlyDictionary<int, Problem> Refused => _refused;

    /// <summary>The workflows to remove: their files are gone, or name another workflow now.</summary>
    public ImmutableArray<string> Released { get; private set; } = [];

    public void Judge(IEnumerable<PublicationCandidate> candidates, IReadOnlySet<string> gone)
    {
        Accepted = [.. candidates];
        int before;
        do
        {
            before = Accepted.Length;
            JudgeOnce(gone);
        }
        while (Accepted.Length < before);
    }

    private void JudgeOnce(IReadOnlySet<string> gone)
    {
        var released = ReleasedBy(gone);
        var replaced = Accepted.Select(candidate => candidate.Name).Concat(released).ToHashSet(StringComparer.Ordinal);
        var names = new Dictionary<string, PublicationCandidate>(StringComparer.Ordinal);
        var batch = new WebhookRoutes<PublicationCandidate>();
        var staying = ImmutableArray.CreateBuilder<PublicationCandidate>(Accepted.Length);
        foreach (var candidate in Accepted)
        {
            var problem = NameTaken(candidate, names, gone) ?? PathTaken(candidate, batch, replaced);
            if (problem is null)
            {
                staying.Add(candidate);
            }
            else
            {
                _refused[candidate.Index] = problem;
            }
        }

        Accepted = staying.DrainToImmutable();
        Released = released;
    }

    private ImmutableArray<string> ReleasedBy(IReadOnlySet<string> gone)
    {
        var named = Accepted.Select(candidate => candidate.Name).ToHashSet(StringComparer.Ordinal);
        return [.. owners.Where(owner => !named.Contains(owner.Key) && GivesUp(owner.Value, owner.Key, gone)).Select(owner => owner.Key)];
    }

    // A file releases a name when it is deleted, or when its new version is accepted under another name.
    private bool GivesUp(string file, string name, IReadOnlySet<string> gone) =>
        gone.Contains(file) || Accepted.Any(candidate => candidate.Submission.Source == file && candidate.Name != name);

    private Problem? NameTaken(PublicationCandidate candidate, Dictionary<string, PublicationCandidate> names, IReadOnlySet<string> gone)
    {
        if (!names.TryAdd(candidate.Name, candidate))
        {
            return Duplicate(candidate, names[candidate.Name].Submission.Source);
        }

        if (!owners.TryGetValue(candidate.Name, out var owner) || owner == candidate.Submission.Source || GivesUp(owner, candidate.Name, gone))
        {
            return null;
        }

        return candidate.Submission.IsWatched ? Duplicate(candidate, owner) : Owned(candidate.Name, owner);
    }

    private Problem? PathTaken(PublicationCandidate candidate, WebhookRoutes<PublicationCandidate> batch, HashSet<string> replaced)
    {
        if (candidate.Passed.Route is not { } route || !isEnabled(candidate.Name))
        {
            return null;
        }

        var conflict = routes.FindConflict(route.Pattern, route.Methods, replaced.Contains)
            ?? batch.TryAdd(candidate.Name, route.Pattern, route.Methods, candidate);
        return conflict is null ? null : RouteTaken(candidate.Submission.Text, conflict);
    }

    /// <summary>
    /// Returns the problem of a submission whose route conflicts with another. Parses the source again for the position, because this is
    /// rare.
    /// </summary>
    public static Problem RouteTaken(string text, RouteConflict conflict)
    {
        var trigger = WorkflowReader.Read(text).Definition!.Trigger;
        var path = (trigger.Config["path"] as SourceNode.Text)?.Value;
        var message = $"{conflict.Method} {path} is taken: the workflow '{conflict.Owner}' listens to {conflict.Method} {conflict.Pattern}. "
            + $"Choose another path or method, or disable '{conflict.Owner}'.";
        return new Problem("route-taken", message, Path: "trigger.config.path", At: trigger.Config["path"]?.At ?? trigger.At);
    }

    public static Problem Owned(string name, string file) =>
        new("owned-by-file", $"The workflow '{name}' comes from the file '{file}', which is watched; change or delete that file.", Path: "name");

    private static Problem Duplicate(PublicationCandidate candidate, string other) => new(
        "duplicate-workflow",
        $"The name '{candidate.Name}' is taken by the workflow in '{other}'; each workflow has its own.",
        Path: "name",
        At: WorkflowReader.Read(candidate.Submission.Text).Definition!.NameAt);
}
