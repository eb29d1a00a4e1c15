using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;

namespace Sluice.Engine.Tests.Execution;

public sealed class RunnerTests : IDisposable
{
    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_acknowledgement_comes_once_the_run_is_durable_and_before_it_is_over()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait }", """{"id":1}""");

        Assert.IsType<Answer.Acknowledged>(await responder.Answer.WaitAsync(Token));

        var run = await stage.Runs.FindAsync(responder.Run, Token);
        Assert.Equal((RunStatus.Running, """{"id":1}"""), (run!.Status, System.Text.Encoding.UTF8.GetString(run.Header.Body.Span)));
        _gate.SetResult();
        await stage.EndOfAsync(responder.Run);
    }

    [Fact]
    public async Task A_reply_comes_once_it_is_durable()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: answer, type: reply, config: { text: hello } }\n  - { key: work, type: wait }");

        var replied = Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(Token));
        Assert.Equal("hello"u8, replied.Reply.Body.Span);

        var run = await stage.Runs.FindAsync(responder.Run, Token);
        Assert.Equal("hello"u8, run!.All().OfType<JournalEntry.Replied>().Single().Body.Span);
        _gate.SetResult();
        await stage.EndOfAsync(responder.Run);
    }

    [Fact]
    public async Task A_run_that_starts_after_the_host_stopped_the_others_is_left_where_it_is()
    {
        await using var stage = new Stage(_directory);
        await stage.Runner.StopAsync(TimeSpan.FromSeconds(1));

        var responder = stage.Start("  - { key: work, type: echo }\n  - { key: answer, type: reply, config: { text: hello } }");

        Assert.IsType<Answer.Stopping>(await responder.Answer.WaitAsync(Token));
        var run = await stage.WhenAsync(responder.Run, run => run.Status == RunStatus.Running);
        Assert.Empty(run.Keys());
        Assert.Equal(run.Fence, Assert.Single(run.All().OfType<JournalEntry.LeftOff>()).Fence);
    }

    [Fact]
    public async Task A_second_reply_is_told_why_it_was_not_sent_and_the_run_is_warned()
    {
        await using var stage = new Stage(_directory);

        var (answer, run) = await stage.RunAsync("""
              - { key: one, type: reply, config: { text: one } }
              - { key: two, type: reply, config: { text: two } }
            """);

        Assert.Equal("one"u8, Assert.IsType<Answer.Replied>(answer).Reply.Body.Span);
        Assert.Equal("""{"sent":true,"reason":null}""", run.Output("one"));
        Assert.Contains("replies once", run.OutputJson("two").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("two", Assert.Single(run.Warnings()), StringComparison.Ordinal);
        Assert.Equal(RunStatus.Succeeded, run.Status);
    }

    [Theory]
    [InlineData(true, "deadline")]
    [InlineData(false, "disconnected")]
    public async Task A_reply_after_the_caller_has_left_is_told_so(bool deadline, string reason)
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait }\n  - { key: answer, type: reply, config: { text: a } }");
        await _entered.Task.WaitAsync(Token);
        Assert.True(deadline ? responder.TryExpire() : responder.TryHangUp());

        _gate.SetResult();

        var run = await stage.EndOfAsync(responder.Run);
        Assert.False(run.OutputJson("answer").GetProperty("sent").GetBoolean());
        Assert.Contains(reason, run.OutputJson("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(run.All().OfType<JournalEntry.Replied>());
        Assert.Equal(RunStatus.Succeeded, run.Status);
    }

    [Fact]
    public async Task A_run_that_ends_well_without_a_reply_acknowledges_its_caller()
    {
        await using var stage = new Stage(_directory);

        var (answer, _) = await stage.RunAsync("  - { key: answer, type: reply, when: false, config: { text: a } }");

        Assert.IsType<Answer.Acknowledged>(answer);
    }

    [Fact]
    public async Task A_stop_waits_for_the_runs_under_way()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait }\n  - { key: answer, type: reply, config: { text: done } }");
        await _entered.Task.WaitAsync(Token);

        var stopping = stage.Runner.StopAsync(TimeSpan.FromSeconds(10));
        stage.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(stopping.IsCompleted);
        _gate.SetResult();

        await stopping.WaitAsync(Token);
        Assert.IsType<Answer.Replied>(await responder.Answer);
        Assert.Equal(0, stage.Runner.ActiveCount);
    }

    [Fact]
    public async Task A_stop_leaves_a_run_that_does_not_end_for_the_next_start()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait }\n  - { key: answer, type: reply, config: { text: done } }");
        await _entered.Task.WaitAsync(Token);

        var stopping = stage.Runner.StopAsync(TimeSpan.FromSeconds(10));
        await stage.TurnUntilAsync(stopping, TimeSpan.FromSeconds(1));

        Assert.IsType<Answer.Stopping>(await responder.Answer.WaitAsync(Token));
        var run = await stage.Runs.FindAsync(responder.Run, Token);
        Assert.Equal((RunStatus.Running, null), (run!.Status, run.FinishedAt));
        Assert.Empty(run.Steps());
        Assert.Single(run.All().OfType<JournalEntry.StepStarted>());
    }

    [Fact]
    public async Task What_could_not_be_made_durable_is_answered_so_and_leaves_no_run()
    {
        await using var stage = new Stage(_directory);
        await stage.FillAsync();

        var replies = stage.Start("  - { key: answer, type: reply, config: { text: done } }", $"\"{new string('x', 2_000_000)}\"");

        Assert.IsType<Answer.NotDurable>(await replies.Answer.WaitAsync(Token));
        Assert.Null(await stage.Runs.FindAsync(replies.Run, Token));
    }

    [Fact]
    public async Task The_runs_that_ended_are_counted_by_how()
    {
        await using var stage = new Stage(_directory);
        await stage.RunAsync("  - { key: a, type: echo }");
        await stage.RunAsync("  - { key: a, type: echo }");
        await stage.RunAsync("  - { key: a, type: fail }");

        Assert.Equal([(RunStatus.Succeeded, 2L), (RunStatus.Failed, 1L), (RunStatus.Cancelled, 0L)], stage.Runner.Ended);
    }
}
