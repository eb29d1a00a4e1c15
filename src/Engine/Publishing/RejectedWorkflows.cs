using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>What was refused and is not mended yet. Each refusal is logged once, however often the same text comes again.</summary>
internal sealed class RejectedWorkflows(TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, RejectedWorkflow> _bySubject = new(StringComparer.Ordinal);

    /// <summary>Every refusal, by source.</summary>
    public IReadOnlyList<RejectedWorkflow> All =>
        [.. _bySubject.Values.OrderBy(refused => refused.Source, StringComparer.Ordinal).ThenBy(refused => refused.Workflow, StringComparer.Ordinal)];

    /// <summary>The problems of every text that names this workflow.</summary>
    public ImmutableArray<Problem> Of(string workflow) =>
        [.. _bySubject.Values.Where(refused => refused.Workflow == workflow).SelectMany(refused => refused.Problems)];

    /// <summary>Notes what is wrong with a file, or with a stored workflow; nothing, where nothing is wrong any more.</summary>
    /// <param name="subject">The file's path, or the workflow's name.</param>
    /// <param name="source">Where the text came from.</param>
    /// <param name="workflow">The name in the text; null where that can't be read.</param>
    /// <param name="problems">What is wrong.</param>
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
                "Refused {Place} {Rule}: {Message}", problem.PlaceIn(source), problem.Rule, problem.Message);
        }
    }
}
