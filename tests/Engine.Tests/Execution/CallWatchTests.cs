using System.Text;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Nodes that block the thread that they are called on, so that they never see their token.</summary>
public sealed class CallWatchTests : IDisposable
{
    private const string Steps = "  - { key: work, type: block, timeout: 10s }\n  - { key: answer, type: reply, config: { text: late } }";

    private readonly DataDirectory _directory = new();
    private readonly ManualResetEventSlim _gate = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ReplyReceipt> _late = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Set();
        _gate.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_step_whose_node_blocks_its_thread_fails_at_its_timeout(bool laterOn)
    {
        var node = Blocks(laterOn);
        await using var stage = new Stage(_directory, node);
        using var watch = new CallWatch(stage.Runner, stage.Time);
        var responder = stage.Start(Steps);
        await _entered.Task.WaitAsync(Token);

        await stage.TurnUntilAsync(responder.Answer, TimeSpan.FromSeconds(1));

        Assert.Equal(FailureKind.Timeout, Assert.IsType<Answer.Failed>(await responder.Answer).Failure.Kind);
        var run = await stage.EndOfAsync(responder.Run);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Equal(["work"], run.Keys());
        Assert.Equal(1, node.GivenUp);
    }

    [Fact]
    public async Task A_run_whose_node_blocks_its_thread_ends_when_it_is_cancelled()
    {
        await using var stage = new Stage(_directory, Blocks());
        using var watch = new CallWatch(stage.Runner, stage.Time);
        var id = stage.Start(Steps).Run;
        await _entered.Task.WaitAsync(Token);

        Assert.Null(await stage.Recovery.CancelAsync(id, Token));
        var ended = stage.EndOfAsync(id);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(0.5));

        Assert.Equal(RunStatus.Cancelled, (await ended).Status);
        Assert.Equal(0, stage.Runner.ActiveCount);
    }

    [Fact]
    public async Task A_run_whose_node_blocks_its_thread_is_left_off_when_the_host_stops()
    {
        await using var stage = new Stage(_directory, Blocks());
        using var watch = new CallWatch(stage.Runner, stage.Time);
        var id = stage.Start(Steps).Run;
        await _entered.Task.WaitAsync(Token);

        await stage.TurnUntilAsync(stage.Runner.StopAsync(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(0.5));

        var run = await stage.WhenAsync(id, run => run.Status == RunStatus.Running);
        Assert.NotEmpty(run.All().OfType<JournalEntry.LeftOff>());
    }

    [Fact]
    public async Task What_a_call_gives_after_it_was_given_up_is_discarded()
    {
        var node = Blocks();
        await using var stage = new Stage(_directory, node);
        using var watch = new CallWatch(stage.Runner, stage.Time);
        var responder = stage.Start(Steps, start: new RunStart { IsAsync = true });
        await _entered.Task.WaitAsync(Token);
        await stage.TurnUntilAsync(responder.Answer, TimeSpan.FromSeconds(1));
        var before = Encoding.UTF8.GetString((await stage.EndOfAsync(responder.Run)).Entries.Span);

        _gate.Set();
        Assert.False((await _late.Task.WaitAsync(Token)).Sent);
        await Stage.UntilAsync(() => node.GivenUp == 0);
        await stage.Runner.FlushAsync(responder.Run);

        Assert.Equal(before, Encoding.UTF8.GetString((await stage.Runs.FindAsync(responder.Run, Token))!.Entries.Span));
        Assert.Equal(0, stage.Runner.ActiveCount);
    }

    [Fact]
    public async Task A_cancellation_does_not_wait_for_what_the_node_does_about_it()
    {
        await using var stage = new Stage(_directory, new FakeNode("block", Effect.Reply, async (_, _, cancellationToken) =>
        {
            await Task.Yield();
            cancellationToken.Register(_gate.Wait);
            _entered.SetResult();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return null!;
        }));
        using var watch = new CallWatch(stage.Runner, stage.Time);
        var id = stage.Start(Steps).Run;
        await _entered.Task.WaitAsync(Token);

        Assert.Null(await stage.Recovery.CancelAsync(id, Token));
        var ended = stage.EndOfAsync(id);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(0.5));

        Assert.Equal(RunStatus.Cancelled, (await ended).Status);
    }

    private FakeNode Blocks(bool laterOn = false) => new("block", Effect.Reply, async (_, context, _) =>
    {
        if (laterOn)
        {
            await Task.Yield();
        }

        _entered.TrySetResult();
        _gate.Wait(CancellationToken.None);
        _late.TrySetResult(await context.Responder.ReplyAsync(new Reply(200, "late"u8.ToArray()), CancellationToken.None));
        return new NodeResult.Completed("{}"u8.ToArray());
    });
}
