using System.Collections.Immutable;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Expressions;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Checking;

/// <summary>Checks and compiles the expressions of a webhook's config.</summary>
internal sealed class TriggerCompiler(
    string workflow, ReferenceCheck references, IReadOnlyCollection<string>? secretNames, ICollection<Problem> problems)
{
    /// <summary>Compiles the expressions. Use the result only if no problem was added.</summary>
    public TriggerExpressions Compile(WebhookTrigger webhook)
    {
        Check(webhook.Auth?.Secrets ?? []);
        return new()
        {
            When = Compile(webhook.When, "when"),
            OnDeadline = CompileAnswer(webhook.OnDeadline, "on_deadline"),
            Acknowledge = CompileAnswer(webhook.Acknowledge, "acknowledge"),
            Key = webhook.Idempotency is { } idempotency ? Compile(idempotency.Expression, idempotency.ExpressionField) : null,
        };
    }

    private void Check(ImmutableArray<SecretName> secrets)
    {
        foreach (var secret in secrets)
        {
            foreach (var (message, at) in SecretCheck.Missing([secret.Name], secretNames, secret.Source))
            {
                problems.Add(new Problem("unknown-secret", message, Path: secret.Path, At: at));
            }
        }
    }

    private AnswerTemplate? CompileAnswer(SourceNode.Object? source, string field)
    {
        if (source is null)
        {
            return null;
        }

        var path = $"trigger.config.{field}";
        var found = new List<Problem>();
        var config = ConfigTemplate.Compile(source, new ExpressionSite(workflow, null, path, source.At), found);
        AnswerCheck.Check(source, path, found);
        CheckUses(config.References, config.Secrets, source, path);
        var answer = found.Count == 0 ? Make(config, source, path, found) : null;
        found.ForEach(problems.Add);
        return answer;
    }

    private static AnswerTemplate? Make(ConfigTemplate config, SourceNode source, string path, List<Problem> problems)
    {
        try
        {
            return new AnswerTemplate(config);
        }
        catch (ReplyRefusedException refused)
        {
            problems.Add(new Problem("bad-answer", refused.Message, Path: path, At: source.At));
            return null;
        }
    }

    private Template? Compile(SourceNode? source, string field)
    {
        if (source?.ConditionText() is not { } text)
        {
            return null;
        }

        var path = $"trigger.config.{field}";
        var template = ExpressionCompiler.Compile(text, new ExpressionSite(workflow, null, path, source.At), problems);
        CheckUses(template.References, template.Secrets, source, path);
        return template;
    }

    private void CheckUses(ImmutableArray<ReferenceUse> uses, ImmutableArray<string> secrets, SourceNode source, string path)
    {
        foreach (var use in uses)
        {
            references.CheckInTrigger(use);
        }

        foreach (var (message, at) in SecretCheck.Missing(secrets, secretNames, source))
        {
            problems.Add(new Problem("unknown-secret", message, Path: path, At: at));
        }
    }
}
