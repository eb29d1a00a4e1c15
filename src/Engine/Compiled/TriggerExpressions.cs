using System.Collections.Immutable;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Compiled;

/// <summary>The compiled expressions of a webhook's config. They read the trigger and secrets: there is no run yet.</summary>
internal sealed record TriggerExpressions
{
    public static readonly TriggerExpressions None = new();

    /// <summary>The condition under which a request starts a run; null for always.</summary>
    public Template? When { get; init; }

    /// <summary>What the caller is told when the deadline passes; null for the 504 problem.</summary>
    public AnswerTemplate? OnDeadline { get; init; }

    /// <summary>What the caller is told where nothing replies; null for 202 without a body.</summary>
    public AnswerTemplate? Acknowledge { get; init; }

    /// <summary>The key of a delivery; null where no expression gives it.</summary>
    public Template? Key { get; init; }

    /// <summary>The names of the secrets that they read.</summary>
    public ImmutableArray<string> Secrets =>
    [
        .. All.SelectMany(template => template.Secrets)
            .Concat(Answers.SelectMany(answer => answer.Secrets))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>What they read, secrets aside.</summary>
    public IEnumerable<ReferenceUse> References => All.SelectMany(template => template.References).Concat(Answers.SelectMany(answer => answer.References));

    private IEnumerable<Template> All => new[] { When, Key }.OfType<Template>();

    private IEnumerable<AnswerTemplate> Answers => new[] { OnDeadline, Acknowledge }.OfType<AnswerTemplate>();
}
