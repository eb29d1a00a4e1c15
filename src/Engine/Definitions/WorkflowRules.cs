using FluentValidation;
using FluentValidation.Results;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>The rules of shape that each part of a workflow keeps on its own: names, uniqueness, bounds. The rules of meaning are in Checking.</summary>
internal static class WorkflowRules
{
    private static readonly WorkflowRule Workflow = new();
    private static readonly StepRule Step = new();

    public static IEnumerable<Problem> Check(WorkflowDefinition definition) =>
        Problems(Workflow.Validate(definition)).Concat(definition.AllSteps().SelectMany(step => Problems(Step.Validate(step)))).Concat(Repeated(definition));

    private static IEnumerable<Problem> Problems(ValidationResult result) => result.Errors.Select(error => (Problem)error.CustomState);

    private static IEnumerable<Problem> Repeated(WorkflowDefinition definition)
    {
        var first = new Dictionary<string, StepDefinition>(StringComparer.Ordinal);
        foreach (var step in definition.AllSteps().Where(step => step.Key.Length > 0))
        {
            if (!first.TryAdd(step.Key, step))
            {
                var message = $"The key '{step.Key}' is taken by the step in line {first[step.Key].KeyAt.Line}; each step has its own.";
                yield return step.Wrong("duplicate-key", message, "key", step.KeyAt);
            }
        }
    }

    private sealed class WorkflowRule : AbstractValidator<WorkflowDefinition>
    {
        public WorkflowRule()
        {
            RuleFor(workflow => workflow.Name)
                .Must(name => name.Length <= Names.Longest && Names.Workflow().IsMatch(name))
                .When(workflow => workflow.Name.Length > 0)
                .WithState((workflow, name) => new Problem(
                    "bad-name",
                    $"'{name}' can't name a workflow: a small letter first, then small letters, digits, '-' and '_', at most {Names.Longest}.",
                    Path: "name",
                    At: workflow.NameAt));
        }
    }

    private sealed class StepRule : AbstractValidator<StepDefinition>
    {
        private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(24);

        public StepRule()
        {
            RuleFor(step => step.Key)
                .Must(key => key.Length <= Names.Longest && Names.Key().IsMatch(key))
                .When(step => step.Key.Length > 0)
                .WithState((step, key) => step.Wrong(
                    "bad-key",
                    $"'{key}' can't be a step's key: a small letter first, then small letters, digits and '_', at most {Names.Longest}.",
                    "key",
                    step.KeyAt));
            RuleFor(step => step.Key)
                .Must(key => !Names.Reserved.Contains(key))
                .WithState((step, key) => step.Wrong(
                    "reserved-key", $"'{key}' has a meaning of its own in expressions; choose another key, such as {key}_step.", "key", step.KeyAt));
            RuleFor(step => step.Timeout)
                .Must(timeout => timeout > TimeSpan.Zero && timeout <= LongestTimeout)
                .When(step => step.Timeout is not null)
                .WithState((step, _) => step.Wrong(
                    "bad-duration", "A step's timeout is longer than 0 and at most 24h.", "timeout", step.TimeoutAt));
        }
    }
}
