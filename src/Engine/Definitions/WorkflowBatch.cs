using System.Collections.Immutable;
using Sluice.Engine.Checking;

namespace Sluice.Engine.Definitions;

/// <summary>Checks texts as a host does that is given all of them and has no others: each by itself, then their names and paths together.</summary>
internal static class WorkflowBatch
{
    /// <returns>The result of each text, in the given order. A workflow without problems would be published.</returns>
    public static ImmutableArray<BatchVerdict> Check(WorkflowChecker checker, IReadOnlyList<Submission> submissions)
    {
        CheckedWorkflow[] checks =
        [
            .. submissions.Select(submission => submission.Unreadable is { } unreadable
                ? new CheckedWorkflow(null, null, [unreadable])
                : checker.CheckText(submission.Text)),
        ];
        var plan = new PublicationPlan(new WebhookRoutes<WorkflowEntry>(), ImmutableDictionary<string, string>.Empty, static _ => true);
        plan.Judge(
            checks.Index().Where(check => check.Item.Compiled is not null)
                .Select(check => new Candidate(check.Index, submissions[check.Index], PassedText.Of(check.Item.Compiled!, isKept: false))),
            ImmutableHashSet<string>.Empty);
        return
        [
            .. checks.Index().Select(check => new BatchVerdict(
                plan.Refused.TryGetValue(check.Index, out var refused) ? [refused] : check.Item.Problems,
                check.Item.Compiled?.Secrets ?? [])),
        ];
    }
}

/// <summary>What checking one text of a batch came to.</summary>
/// <param name="Problems">All that is wrong with it.</param>
/// <param name="Secrets">The names of the secrets that it reads; none where it could not be compiled.</param>
internal sealed record BatchVerdict(ImmutableArray<Problem> Problems, ImmutableArray<string> Secrets);
