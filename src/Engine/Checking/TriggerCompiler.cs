using System.Collections.Immutable;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Checking;

/// <summary>Checks and compiles the expressions of a webhook's config.</summary>
internal sealed class TriggerCompiler(
    string workflow, ExpressionCompiler expressions, ReferenceCheck references, IReadOnlyCollection<string>? secretNames, ICollection<Problem> problems)
{
    /// <summary>The compiled expressions; to be used where no problem was added.</summary>
    public TriggerExpressions Compile(WebhookTrigger webhook) => new() { When = Compile(webhook.When, "when") };

    private Template? Compile(SourceNode? source, string field)
    {
        if (source?.ConditionText() is not { } text)
        {
            return null;
        }

        var path = $"trigger.config.{field}";
        var template = expressions.Compile(text, new ExpressionSite(workflow, null, path, source.At), problems);
        foreach (var use in template.References)
        {
            references.CheckInTrigger(use);
        }

        foreach (var (message, at) in SecretCheck.Missing(template.Secrets, secretNames, source))
        {
            problems.Add(new Problem("unknown-secret", message, Path: path, At: at));
        }

        return template;
    }
}
