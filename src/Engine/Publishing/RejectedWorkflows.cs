using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>The current rejections. Each is logged once, however often the same source is submitted again.</summary>
internal sealed class RejectedWorkflows(TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, RejectedWorkflow> _bySubject = new(StringComparer.Ordinal);

    /// <summary>All rejections, by source.</summary>
    public IReadOnlyList<RejectedWorkflow> All =>
        [.. _bySubject.Values.OrderBy(refused => refused.Source, StringComparer.Ordinal).ThenBy(refused => refused.Workflow, StringComparer.Ordinal)];

    /// <summary>Returns the problems of every rejected source that names this workflow.</summary>
    public ImmutableArray<Problem> Of(string workflow) =>
        [.. _bySubject.Values.Where(refused => refused.Workflow == workflow).SelectMany(refused => refused.Problems)];

    /// <summary>Sets the problems of a file or a stored workflow; an empty list clears them.</summary>
    /// <param name="subject">The file's path, or the workflow's name.</param>
    /// <param name="source">The origin of the submission.</param>
    /// <param name="workflow">The name in the source; null if it can't be parsed.</param>
    /// <param name="problems">The problems.</param>
    public void Note(string subject, string source, string? workflow, ImmutableArray<Problem> problems)
    {
        if (problems.IsEmpty)
        {
            _bySubject.TryRemove(subject, out _);
            return;
        }

        if (_bySubject.TryGetValue(subject, out var before) && before.Problems.SequenceEqual(problems))
        {
            return;
        }

        _bySubject[subject] = new RejectedWorkflow(source, workflow, problems, time.GetUtcNow());
        foreach (var problem in problems)
        {
            logger.LogWarning(
                "Rejected {Place} {Rule}: {Message}", problem.PlaceIn(source), problem.Rule, problem.Message);
        }
    }
}
