using Sluice.Engine.Definitions;

namespace Sluice.Engine.Tests.Definitions;

/// <summary>The messages are in the shape-* cases of tests/cases/workflows; here is what needs more than one file.</summary>
public sealed class WorkflowRulesTests
{
    [Theory]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    public void A_workflow_has_at_most_a_thousand_steps_branches_included(int steps, int problems)
    {
        var nested = string.Join(", ", Enumerable.Range(1, steps - 1).Select(index => $"{{ key: s{index}, type: stop }}"));

        Assert.Equal(
            Enumerable.Repeat("too-large", problems),
            Problems($"name: a\ntrigger: {{ type: webhook }}\nsteps: [ {{ key: gate, type: logic_gate, branches: {{ \"true\": [ {nested} ] }} }} ]"));
    }

    [Fact]
    public void Each_repetition_of_a_key_is_a_problem_in_branches_too() => Assert.Equal(
        ["duplicate-key", "duplicate-key"],
        Problems("name: a\ntrigger: { type: webhook }\nsteps:\n- { key: x, type: stop, branches: { out: [ { key: x, type: stop } ] } }\n- { key: x, type: stop }"));

    [Fact]
    public void An_alias_repeats_the_key_of_its_step() =>
        Assert.Equal(["duplicate-key"], Problems("name: a\ntrigger: { type: webhook }\nsteps:\n- &x { key: x, type: stop }\n- *x"));

    [Fact]
    public void All_broken_rules_are_found_at_once() => Assert.Equal(
        ["bad-duration", "bad-key", "bad-name", "duplicate-key", "reserved-key", "unknown-trigger"],
        Problems("name: A\ntrigger: { type: webhok }\nsteps:\n- { key: X, type: stop, timeout: 25h }\n- { key: X1, type: stop }\n- { key: if, type: stop }\n- { key: if, type: stop }")
            .Distinct());

    private static IEnumerable<string> Problems(string text) => WorkflowReader.Read(text).Problems.Select(problem => problem.Rule).Order(StringComparer.Ordinal);
}
