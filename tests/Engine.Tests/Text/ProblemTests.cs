using Sluice.Engine.Tests.Checking;
using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Text;

public sealed class ProblemTests
{
    [Theory]
    [InlineData("name: {0}\ntrigger: {{ type: webhook, config: {{ path: a }} }}\nsteps: []", "bad-name")]
    [InlineData("name: a\ntrigger: {{ type: webhook, config: {{ path: a }} }}\nsteps: [ {{ key: {0}-, type: set, config: {{ values: {{}} }} }} ]", "bad-key")]
    [InlineData("name: a\ntrigger: {{ type: webhook, config: {{ path: a }} }}\nsteps: [ {{ key: a, type: {0}, config: {{}} }} ]", "unknown-node")]
    [InlineData("name: a\ntrigger: {{ type: webhook, config: {{ path: a, {0}: 1 }} }}\nsteps: []", "unknown-field")]
    public void A_problem_with_a_long_name_is_short_and_ends_with_the_cure(string workflow, string rule)
    {
        var shortProblem = ProblemOf(workflow, "Xx", rule);
        var problem = ProblemOf(workflow, "X" + new string('x', 100_000), rule);

        Assert.InRange(problem.Message.Length, 1, Problem.LongestMessage);
        Assert.InRange(problem.Step?.Length ?? 0, 0, Problem.LongestPlace);
        Assert.InRange(problem.Path?.Length ?? 0, 0, Problem.LongestPlace);
        Assert.EndsWith(shortProblem.Message[^20..], problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_is_cut_between_characters()
    {
        foreach (var offset in new[] { "", "x" })
        {
            var text = offset + string.Concat(Enumerable.Repeat("😀", Problem.LongestMessage));

            var message = new Problem("rule", text).Message;

            Assert.InRange(message.Length, Problem.LongestMessage - 4, Problem.LongestMessage);
            Assert.DoesNotContain('\uFFFD', string.Concat(message.EnumerateRunes()));
        }
    }

    private static Problem ProblemOf(string workflow, string name, string rule) => Assert.Single(
        TestCatalog.Checker().CheckText(string.Format(System.Globalization.CultureInfo.InvariantCulture, workflow, name)).Problems, problem => problem.Rule == rule);
}
