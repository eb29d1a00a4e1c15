using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Publishing;

/// <summary>A text of a batch that has passed the checks.</summary>
/// <param name="Index">Its place in the batch.</param>
/// <param name="Submission">The text.</param>
/// <param name="Passed">What it says.</param>
internal sealed record PublicationCandidate(int Index, Submission Submission, PassedText Passed)
{
    public string Name => Passed.Name;
}

/// <summary>Decides which texts of one batch may go live together: who owns which name, and whose path is in whose way.</summary>
/// <remarks>
/// A batch is judged by what it comes to, not by its order: two workflows may swap their paths. A text that is refused leaves its last good
/// version live, which may be in the way of others; so the judgement is repeated until nobody else falls out.
/// </remarks>
/// <param name="routes">The routes now.</param>
/// <param name="owners">The watched file that owns a name, by name.</param>
/// <param name="isEnabled">Whether the workflow of a name takes requests once it is published.</param>
internal sealed class PublicationPlan(
    WebhookRoutes<WorkflowEntry> routes, IReadOnlyDictionary<string, string> owners, Func<string, bool> isEnabled)
{
    private readonly Dictionary<int, Problem> _refused = [];

    public ImmutableArray<PublicationCandidate> Accepted { get; private set; } = [];

    /// <summary>Why a candidate was refused, by its place in the batch.</summary>
    public IReadOnlyDictionary<int, Problem> Refused => _refused;

    /// <summary>The workflows to take off: their files are gone, or name another workflow by now.</summary>
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

    // A file gives a name up when it is gone, or when its new text, if that is accepted, has another name.
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

    /// <summary>The problem of a text whose route is in the way of another's. It is rare, so the text is read again for the place of it.</summary>
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
