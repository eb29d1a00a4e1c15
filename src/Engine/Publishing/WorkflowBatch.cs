using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Text;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Publishing;

/// <summary>Checks workflow files as a host with exactly these files would: each by itself, then their names and paths together.</summary>
internal sealed class WorkflowBatch
{
    private readonly IReadOnlyList<Submission> _submissions;
    private readonly ImmutableArray<(WorkflowDefinition? Definition, IReadOnlyList<Problem> Problems)> _read;

    private WorkflowBatch(IReadOnlyList<Submission> submissions)
    {
        _submissions = submissions;
        _read =
        [
            .. submissions.Select(submission => submission.Unreadable is { } unreadable ? (null, [unreadable]) : WorkflowReader.Read(submission.Text)),
        ];
    }

    /// <summary>The types of all steps: the nodes that <see cref="Check"/> looks up.</summary>
    public IReadOnlySet<string> NodeTypes => _read
        .SelectMany(read => read.Definition?.AllSteps() ?? [])
        .Select(step => step.Type)
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Parses the files. <see cref="Check"/> also reports the problems of their shape.</summary>
    public static WorkflowBatch Read(IReadOnlyList<Submission> submissions) => new(submissions);

    /// <returns>The result of each file, in the given order. A workflow without problems would be published.</returns>
    public ImmutableArray<BatchVerdict> Check(WorkflowChecker checker)
    {
        CheckedWorkflow[] checks = [.. _read.Select(read => checker.CheckDefinition(read.Definition, read.Problems))];
        var plan = new PublicationPlan(new WebhookRoutes<WorkflowEntry>(), ImmutableDictionary<string, string>.Empty, static _ => true);
        plan.Judge(
            checks.Index().Where(check => check.Item.Compiled is not null)
                .Select(check => new PublicationCandidate(check.Index, _submissions[check.Index], PassedText.Of(check.Item.Compiled!, isKept: false))),
            ImmutableHashSet<string>.Empty);
        return
        [
            .. checks.Index().Select(check => new BatchVerdict(
                plan.Refused.TryGetValue(check.Index, out var refused) ? [refused] : check.Item.Problems,
                check.Item.Compiled?.Secrets ?? [])),
        ];
    }
}

/// <summary>The result of checking one file of a batch.</summary>
/// <param name="Problems">All its problems.</param>
/// <param name="Secrets">The names of the secrets that it reads; none if it could not be compiled.</param>
internal sealed record BatchVerdict(ImmutableArray<Problem> Problems, ImmutableArray<string> Secrets);
