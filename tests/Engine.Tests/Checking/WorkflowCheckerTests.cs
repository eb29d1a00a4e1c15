using System.Globalization;
using Sluice.Engine.Checking;

namespace Sluice.Engine.Tests.Checking;

public sealed class WorkflowCheckerTests
{
    [Fact]
    public void A_right_workflow_is_compiled_with_all_that_a_run_needs()
    {
        var (_, compiled, problems) = TestCatalog.Checker().CheckText("""
            name: orders
            description: Stores orders.
            trigger: { type: webhook, config: { path: orders/, methods: post, deadline: 2m } }
            steps:
              - key: check
                type: gate
                config: { conditions: [ { field: "{{ secrets.b }}", operator: equals } ] }
                branches:
                  "true": [ { key: answer, type: reply, config: { body: "{{ secrets.a }}" } } ]
              - { key: store, type: set, when: "{{ secrets.c }}", timeout: 500ms, config: { values: {} } }
            """);

        Assert.Empty(problems);
        Assert.Equal(("orders", "Stores orders."), (compiled!.Name, compiled.Definition.Description));
        Assert.Equal(("/orders", "POST", TimeSpan.FromMinutes(2)), (compiled.Webhook!.Path, Assert.Single(compiled.Webhook.Methods), compiled.Webhook.Deadline));
        Assert.True(compiled.Replies);
        Assert.Equal(["a", "b", "c"], compiled.Secrets);
        Assert.Equal(["check", "store"], compiled.Steps.Select(step => step.Key));
        Assert.Equal("answer", Assert.Single(compiled.Steps[0].Branches["true"]).Key);
        Assert.Equal(TimeSpan.FromMilliseconds(500), compiled.Steps[1].Timeout);
        Assert.NotNull(compiled.Steps[1].When);
    }

    [Fact]
    public void Without_a_replying_step_nobody_waits() =>
        Assert.False(Check("- { key: a, type: set, config: { values: {} } }").Compiled!.Replies);

    [Fact]
    public void Secrets_are_not_checked_where_nobody_knows_their_names() =>
        Assert.Empty(Check("- { key: a, type: set, config: { values: { x: \"{{ secrets.anything }}\" } } }").Problems);

    [Fact]
    public void Of_very_many_problems_the_first_hundred_are_told()
    {
        var steps = string.Join('\n', Enumerable.Range(0, 900).Select(number =>
            string.Create(CultureInfo.InvariantCulture, $"- {{ key: k{number}, type: set, config: {{ values: {{ x: \"{{{{ nobody{number}.output }}}}\" }} }} }}")));

        var problems = Check(steps).Problems;

        Assert.Equal(101, problems.Length);
        Assert.Equal("more-problems", problems[^1].Rule);
    }

    [Fact]
    public void A_workflow_with_too_many_steps_is_refused() =>
        Assert.Contains(Check(string.Concat(Enumerable.Repeat("- { key: k, type: set }\n", 1001))).Problems, problem => problem.Rule is "too-large" or "more-problems");

    private static CheckedWorkflow Check(string steps) =>
        TestCatalog.Checker().CheckText($"name: a\ntrigger: {{ type: webhook, config: {{ path: /a }} }}\nsteps:\n{steps}");
}
