using Sluice.Engine.Journal;
using Sluice.Engine.Replies;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs that could not be made durable because the disk was full, and continue when there is room.</summary>
public sealed class DetachedRunsTests : CrashTests
{
    private const string WaitAndEcho = "  - { key: work, type: wait }\n  - { key: after, type: echo }";

    [Fact]
    public async Task A_call_whose_start_cannot_be_stored_gives_its_lease_back()
    {
        var node = FakeNode.Waits(Gate.Task, Entered, type: "work");
        await using var stage = new Stage(Directory, node);
        await stage.FillAsync();

        var responder = stage.Start("  - { key: work, type: work }\n  - { key: answer, type: reply, config: { text: a } }", $"\"{new string('x', 2_000_000)}\"");

        Assert.IsType<Answer.NotDurable>(await responder.Answer.WaitAsync(Token));
        Assert.Equal(0, node.Entered);
    }

    [Fact]
    public async Task A_run_whose_journal_was_full_goes_on_when_there_is_room()
    {
        // What was durable stays; the run that could not be made durable was let go, and its caller was told.
        await using var stage = new Stage(Directory, Waits());
        var responder = stage.Start(WaitAndEcho);
        Assert.IsType<Answer.Acknowledged>(await responder.Answer.WaitAsync(Token));
        await Entered.Task.WaitAsync(Token);
        await stage.FillAsync();
        var refused = stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"");
        Assert.IsType<Answer.NotDurable>(await refused.Answer.WaitAsync(Token));
        Gate.SetResult();
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);

        stage.Workflow(WaitAndEcho);
        stage.MakeRoom();
        var ended = stage.EndOfAsync(responder.Run);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(1));

        Assert.Equal(RunStatus.Succeeded, (await ended).Status);
        Assert.Null(await stage.Runs.FindAsync(refused.Run, Token));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_its_journal_is_full_is_cancelled_when_there_is_room()
    {
        await using var stage = new Stage(Directory, Waits());
        var id = await CancelWhileFullAsync(stage);

        stage.Workflow(WaitAndEcho);
        stage.MakeRoom();
        var ended = stage.EndOfAsync(id);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(1));

        Assert.Equal(RunStatus.Cancelled, (await ended).Status);
    }

    [Fact]
    public async Task A_cancellation_that_was_to_be_heard_later_and_was_stored_meanwhile_does_not_cancel_a_retry()
    {
        await using var stage = new Stage(Directory, Waits());
        var id = await CancelWhileFullAsync(stage);
        // Without a workflow it is not taken up: the journal alone hears the cancellation.
        stage.RemoveWorkflow();
        stage.MakeRoom();
        await stage.TurnUntilAsync(Stage.UntilAsync(() => stage.Queue.IsWritable), TimeSpan.FromSeconds(1));
        Assert.Null(await stage.Recovery.CancelAsync(id, Token));
        Assert.Equal(RunStatus.Cancelled, (await stage.Runs.FindAsync(id, Token))!.Status);

        stage.Workflow(WaitAndEcho);
        Gate.SetResult();
        Assert.Null(await stage.Recovery.RetryAsync(id, Token));

        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(id)).Status);
    }

    /// <summary>Lets a run get to the step that waits, fills the journal, and cancels the run: it is let go, because its end can't be stored.</summary>
    private async Task<RunId> CancelWhileFullAsync(Stage stage)
    {
        var responder = stage.Start(WaitAndEcho);
        Assert.IsType<Answer.Acknowledged>(await responder.Answer.WaitAsync(Token));
        await Entered.Task.WaitAsync(Token);
        await stage.FillAsync();
        Assert.IsType<Answer.NotDurable>(await stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"").Answer.WaitAsync(Token));
        Assert.Null(await stage.Recovery.CancelAsync(responder.Run, Token));
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);
        return responder.Run;
    }
}
