using System.Collections.Immutable;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Compiled;

/// <summary>The compiled expressions of a webhook's config. They read the trigger and secrets, because there is no run yet.</summary>
internal sealed record TriggerExpressions
{
    public static readonly TriggerExpressions None = new();

    /// <summary>The condition under which a request starts a run; null for always.</summary>
    public Template? When { get; init; }

    /// <summary>The response if the deadline passes; null for the 504 problem.</summary>
    public AnswerTemplate? OnDeadline { get; init; }

    /// <summary>The response if nothing replies; null for 202 without a body.</summary>
    public AnswerTemplate? Acknowledge { get; init; }

    /// <summary>The delivery key; null if no expression computes it.</summary>
    public Template? Key { get; init; }

    /// <summary>The names of the secrets that they read.</summary>
    public ImmutableArray<string> Secrets =>
    [
        .. All.SelectMany(template => template.Secrets)
            .Concat(Answers.SelectMany(answer => answer.Secrets))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The references that they read, except secrets.</summary>
    public IEnumerable<ReferenceUse> References => All.SelectMany(template => template.References).Concat(Answers.SelectMany(answer => answer.References));

    private IEnumerable<Template> All => new[] { When, Key }.OfType<Template>();

    private IEnumerable<AnswerTemplate> Answers => new[] { OnDeadline, Acknowledge }.OfType<AnswerTemplate>();
}
