using FluentValidation;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>
/// The rules of a definition that do not depend on nodes or secrets. The readers check types and the bounds of single settings, because
/// they know the position; Checking holds the rules that depend on nodes.
/// </summary>
internal sealed class WorkflowRules : AbstractValidator<WorkflowDefinition>
{
    private const int MostSteps = 1000;
    private const string Steps = "steps";

    private static readonly WorkflowRules _rules = new();

    private WorkflowRules()
    {
        RuleFor(workflow => workflow.Name).Must(BeWorkflowName).When(workflow => workflow.Name.Length > 0).WithState(BadName);
        RuleFor(workflow => workflow.Trigger.Type).Must(type => !TriggerReader.TypesToCome.Contains(type)).WithState(TriggerToCome);
        RuleFor(workflow => workflow.Trigger.Type).Must(BeTrigger).When(workflow => workflow.Trigger.Type.Length > 0).WithState(UnknownTrigger);
        RuleFor(workflow => workflow.StepsSource).Must(steps => steps is not { Items.IsEmpty: true }).WithState(NoSteps);
        RuleFor(workflow => workflow.AllSteps().Count()).LessThanOrEqualTo(MostSteps).WithState(TooManySteps).OverridePropertyName(Steps);
        RuleForEach(workflow => workflow.AllSteps()).SetValidator(new StepRules()).OverridePropertyName(Steps);
        RuleForEach(workflow => WithFirstOfKey(workflow)).Must(pair => ReferenceEquals(pair.Step, pair.First)).WithState(RepeatedKey).OverridePropertyName(Steps);
    }

    /// <summary>Returns the problems of a definition.</summary>
    public static IEnumerable<Problem> Check(WorkflowDefinition definition) => _rules.Validate(definition).Errors.Select(error => (Problem)error.CustomState);

    private static bool BeWorkflowName(string name) => name.Length <= Names.Longest && Names.Workflow().IsMatch(name);

    private static bool BeTrigger(string type) => TriggerReader.Types.Contains(type) || TriggerReader.TypesToCome.Contains(type);

    private static IEnumerable<(StepDefinition Step, StepDefinition First)> WithFirstOfKey(WorkflowDefinition workflow)
    {
        var first = new Dictionary<string, StepDefinition>(StringComparer.Ordinal);
        foreach (var step in workflow.AllSteps().Where(step => step.Key.Length > 0))
        {
            first.TryAdd(step.Key, step);
            yield return (step, first[step.Key]);
        }
    }

    private static object BadName(WorkflowDefinition workflow, string name) => new Problem(
        "bad-name",
        $"'{name}' can't name a workflow: a small letter first, then small letters, digits, '-' and '_', at most {Names.Longest}.",
        Path: "name",
        At: workflow.NameAt);

    private static object TriggerToCome(WorkflowDefinition workflow, string type) =>
        new Problem(NotYet.Rule, $"The trigger '{type}' is not supported yet; use webhook.", Path: "trigger.type", At: workflow.Trigger.At);

    private static object UnknownTrigger(WorkflowDefinition workflow, string type) => new Problem(
        "unknown-trigger",
        $"There is no trigger '{type}'.{DidYouMean.Hint(type, TriggerReader.Types)} Triggers: {string.Join(", ", TriggerReader.Types)}.",
        Path: "trigger.type",
        At: workflow.Trigger.At);

    private static object NoSteps(WorkflowDefinition workflow, SourceNode.Array? steps) =>
        new Problem("missing-field", "'steps' is empty: list at least one step.", Path: Steps, At: steps!.At);

    private static object TooManySteps(WorkflowDefinition workflow, int count) =>
        new Problem("too-large", $"The workflow has more than {MostSteps} steps; split it.", Path: Steps, At: workflow.StepsSource!.At);

    private static object RepeatedKey(WorkflowDefinition workflow, (StepDefinition Step, StepDefinition First) pair) => pair.Step.Wrong(
        "duplicate-key", $"The key '{pair.Step.Key}' is taken by the step in line {pair.First.KeyAt.Line}; each step has its own.", "key", pair.Step.KeyAt);

    private sealed class StepRules : AbstractValidator<StepDefinition>
    {
        private static readonly TimeSpan _longestTimeout = TimeSpan.FromHours(24);

        public StepRules()
        {
            RuleFor(step => step.Key).Must(BeKey).When(step => step.Key.Length > 0).WithState(BadKey);
            RuleFor(step => step.Key).Must(key => !Names.Reserved.Contains(key)).WithState(ReservedKey);
            RuleFor(step => step.Timeout).Must(timeout => timeout is null || (timeout > TimeSpan.Zero && timeout <= _longestTimeout)).WithState(BadTimeout);
        }

        private static bool BeKey(string key) => key.Length <= Names.Longest && Names.Key().IsMatch(key);

        private static object BadKey(StepDefinition step, string key) => step.Wrong(
            "bad-key", $"'{key}' can't be a step's key: a small letter first, then small letters, digits and '_', at most {Names.Longest}.", "key", step.KeyAt);

        private static object ReservedKey(StepDefinition step, string key) => step.Wrong(
            "reserved-key", $"'{key}' has a meaning of its own in expressions; choose another key, such as {key}_step.", "key", step.KeyAt);

        private static object BadTimeout(StepDefinition step, TimeSpan? timeout) =>
            step.Wrong("bad-duration", "A step's timeout must be longer than 0 and at most 24h.", "timeout", step.TimeoutAt);
    }
}
