using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;

namespace Sluice.Engine.Tests.Execution;

public sealed class RunDriverTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Steps_run_from_top_to_bottom_and_read_those_before_them()
    {
        await using var stage = new Stage(_directory);

        var (_, run) = await stage.RunAsync("""
              - { key: a, type: echo, config: { id: "{{ trigger.output.body.id }}" } }
              - { key: b, type: echo, config: { twice: "{{ a.output.id * 2 }}", port: "{{ a.port }}", status: "{{ a.status }}" } }
            """, """{"id":21}""");

        Assert.Equal(["a", "b"], run.Keys());
        Assert.Equal("""{"twice":42,"port":null,"status":"succeeded"}""", run.Output("b"));
        Assert.Equal(RunStatus.Succeeded, run.Status);
    }

    [Theory]
    [InlineData("left", "in_left")]
    [InlineData("right", "in_right")]
    public async Task Only_the_branch_of_the_port_runs_and_the_walk_goes_on_after_it(string port, string branch)
    {
        await using var stage = new Stage(_directory);

        var (_, run) = await stage.RunAsync($$"""
              - key: gate
                type: gate
                config: { port: {{port}} }
                branches:
                  left: [ { key: in_left, type: echo } ]
                  right: [ { key: in_right, type: echo } ]
              - { key: after, type: echo }
            """);

        Assert.Equal(["gate", branch, "after"], run.Keys());
        Assert.Equal(port, run.Step("gate").Port);
    }

    [Fact]
    public async Task A_port_without_a_branch_goes_on()
    {
        await using var stage = new Stage(_directory);

        var (_, run) = await stage.RunAsync("""
              - key: gate
                type: gate
                config: { port: right }
                branches: { left: [ { key: in_left, type: echo } ] }
              - { key: after, type: echo }
            """);

        Assert.Equal(["gate", "after"], run.Keys());
    }

    [Theory]
    [InlineData("end", true)]
    [InlineData("fail_run", false)]
    public async Task An_end_deep_in_a_branch_ends_the_whole_run(string node, bool isGood)
    {
        await using var stage = new Stage(_directory);

        var (answer, run) = await stage.RunAsync($$"""
              - key: outer
                type: gate
                config: { port: left }
                branches:
                  left:
                    - key: inner
                      type: gate
                      config: { port: right }
                      branches: { right: [ { key: enough, type: {{node}} }, { key: never, type: echo } ] }
                    - { key: nor_this, type: echo }
              - { key: nor_that, type: reply, config: { text: a } }
            """);

        Assert.Equal(["outer", "inner", "enough"], run.Keys());
        Assert.Equal(isGood ? RunStatus.Succeeded : RunStatus.Failed, run.Status);
        Assert.Equal(isGood, answer is Answer.Acknowledged);
        Assert.Equal("enough", isGood ? run.Ended().Message : run.Ended().Error!.Message);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    [InlineData("0", false)]
    [InlineData("\"\"", false)]
    [InlineData("\"no\"", true)]
    [InlineData("[]", true)]
    public async Task A_step_whose_condition_does_not_hold_is_skipped_with_its_branches(string value, bool runs)
    {
        await using var stage = new Stage(_directory);

        var (_, run) = await stage.RunAsync("""
              - key: maybe
                type: gate
                when: "{{ trigger.output.body.go }}"
                config: { port: left }
                branches: { left: [ { key: inside, type: echo } ] }
              - { key: after, type: echo, config: { status: "{{ maybe.status }}", output: "{{ maybe.output }}" } }
            """, $$"""{"go":{{value}}}""");

        Assert.Equal(runs ? ["maybe", "inside", "after"] : ["maybe", "after"], run.Keys());
        Assert.Equal(runs ? StepStatus.Succeeded : StepStatus.Skipped, run.Step("maybe").Status);
        Assert.Equal(runs ? """{"status":"succeeded","output":{}}""" : """{"status":"skipped","output":null}""", run.Output("after"));
    }

    [Fact]
    public async Task A_step_that_fails_fails_the_run_and_no_later_step_runs()
    {
        await using var stage = new Stage(_directory);

        var (answer, run) = await stage.RunAsync("""
              - { key: work, type: fail }
              - { key: answer, type: reply, config: { text: a } }
            """);

        Assert.Equal("said no", Assert.IsType<Answer.Failed>(answer).Failure.Message);
        Assert.Equal(["work"], run.Keys());
        Assert.Equal((RunStatus.Failed, "refused"), (run.Status, run.Ended().Error!.Kind));
    }
}
