using System.Collections.Concurrent;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs that wait for a time: they hold nothing meanwhile, wake by themselves, and can be cancelled.</summary>
public sealed class RunSuspensionTests : IDisposable
{
    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_suspended_run_holds_nothing_and_wakes_at_its_time()
    {
        var wakes = new ConcurrentQueue<Wake?>();
        await using var stage = new Stage(_directory, Pauses(TimeSpan.FromDays(100), wakes));
        var responder = stage.Start("  - { key: pause, type: pause }\n  - { key: answer, type: reply, config: { text: awake } }");
        var asleep = await stage.WhenAsync(responder.Run, run => run.Status == RunStatus.Suspended);
        var until = DataDirectory.Noon.AddDays(100);
        Assert.Equal((until, 0), (asleep.WakeAt, stage.Runner.ActiveCount));
        Assert.False(responder.Answer.IsCompleted);

        await stage.SleepUntilAsync(responder.Answer, TimeSpan.FromDays(1));

        var replied = Assert.IsType<Answer.Replied>(await responder.Answer);
        Assert.Equal("awake"u8, replied.Reply.Body.Span);
        Assert.Equal([null, new Wake(until)], wakes);
        var run = await stage.EndOfAsync(responder.Run);
        Assert.Equal([StepStatus.Suspended, StepStatus.Succeeded, StepStatus.Succeeded], run.Steps().Select(step => step.Status));
        Assert.True(run.FinishedAt >= until);
    }

    [Fact]
    public async Task A_suspended_run_wakes_in_the_next_start_too()
    {
        const string steps = "  - { key: pause, type: pause }\n  - { key: after, type: echo }";
        var wakes = new ConcurrentQueue<Wake?>();
        RunId id;
        await using (var stage = new Stage(_directory, Pauses(TimeSpan.FromHours(1), wakes)))
        {
            id = stage.Start(steps).Run;
            await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
        }

        await using var next = new Stage(_directory, Pauses(TimeSpan.FromHours(1), wakes));
        next.Workflow(steps);
        Assert.Equal(0, await next.Recovery.SweepAsync(Token));
        var ended = next.EndOfAsync(id);
        await next.SleepUntilAsync(ended, TimeSpan.FromMinutes(10));

        Assert.Equal(["pause", "pause", "after"], (await ended).Keys());
        Assert.Equal(2, wakes.Count);
    }

    [Fact]
    public async Task A_suspended_run_can_be_cancelled_and_does_not_wake()
    {
        var wakes = new ConcurrentQueue<Wake?>();
        await using var stage = new Stage(_directory, Pauses(TimeSpan.FromHours(1), wakes));
        var id = stage.Start("  - { key: pause, type: pause }").Run;
        await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);

        Assert.Null(await stage.Recovery.CancelAsync(id, Token));

        Assert.Equal(RunStatus.Cancelled, (await stage.EndOfAsync(id)).Status);
        Assert.Contains("cancelled", await stage.Recovery.CancelAsync(id, Token), StringComparison.Ordinal);
        stage.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await stage.Recovery.SweepAsync(Token));
        Assert.Single(wakes);
    }

    [Fact]
    public async Task A_suspended_run_that_wakes_ahead_of_its_cancellation_is_cancelled()
    {
        var pauses = new FakeNode("pause", Effect.None, async (_, context, cancellationToken) =>
        {
            if (context.Wake is null)
            {
                return new NodeResult.Suspended(context.Time.GetUtcNow().AddHours(1));
            }

            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            return new NodeResult.Completed("{}"u8.ToArray());
        });
        await using var stage = new Stage(_directory, pauses);
        var id = stage.Start("  - { key: pause, type: pause }").Run;
        await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
        using var written = new ManualResetEventSlim();
        var holding = await stage.HoldWriterAsync(written);
        stage.Time.Advance(TimeSpan.FromHours(2));
        await Stage.UntilAsync(() => stage.WorkflowLookups > 0);

        // Its take-over has the turn, and waits for the writer.
        var cancelling = stage.Recovery.CancelAsync(id, Token);
        written.Set();
        await holding;

        Assert.Null(await cancelling);
        Assert.Equal(RunStatus.Cancelled, (await stage.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_it_suspends_does_not_wake()
    {
        Stage? stage = null;
        var cancelling = new FakeNode("pause", Effect.None, async (_, context, _) =>
        {
            Assert.Null(await stage!.Recovery.CancelAsync(new RunId(Guid.Parse(context.RunId)), CancellationToken.None));
            return new NodeResult.Suspended(context.Time.GetUtcNow().AddHours(1));
        });
        await using (stage = new Stage(_directory, cancelling))
        {
            var id = stage.Start("  - { key: pause, type: pause }").Run;

            Assert.Equal(RunStatus.Cancelled, (await stage.EndOfAsync(id)).Status);
        }
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_its_suspension_is_being_stored_is_cancelled_once_it_is()
    {
        // A pure node: nothing ahead of it waits for the writer.
        var pauses = new FakeNode("pause", Effect.None, (_, context, _) =>
        {
            _entered.TrySetResult();
            return ValueTask.FromResult<NodeResult>(new NodeResult.Suspended(context.Time.GetUtcNow().AddHours(1)));
        });
        await using var stage = new Stage(_directory, pauses);
        using var written = new ManualResetEventSlim();
        var holding = await stage.HoldWriterAsync(written);
        var id = stage.Start("  - { key: pause, type: pause }\n  - { key: answer, type: reply, config: { text: a } }").Run;
        await _entered.Task.WaitAsync(Token);

        var cancelling = stage.Recovery.CancelAsync(id, Token);
        written.Set();
        await holding;

        Assert.Null(await cancelling);
        Assert.Equal(RunStatus.Cancelled, (await stage.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_suspended_run_whose_caller_waits_is_answered_when_it_is_cancelled()
    {
        await using var stage = new Stage(_directory, Pauses(TimeSpan.FromHours(1), []));
        var responder = stage.Start("  - { key: pause, type: pause }\n  - { key: answer, type: reply, config: { text: a } }");
        await stage.WhenAsync(responder.Run, run => run.Status == RunStatus.Suspended);

        await stage.Recovery.CancelAsync(responder.Run, Token);

        Assert.Equal(FailureKind.Cancelled, Assert.IsType<Answer.Failed>(await responder.Answer.WaitAsync(TimeSpan.FromSeconds(30), Token)).Failure.Kind);
    }

    private static FakeNode Pauses(TimeSpan span, ConcurrentQueue<Wake?> wakes) => new("pause", Effect.External, (_, context, _) =>
    {
        wakes.Enqueue(context.Wake);
        return context.Wake is null
            ? ValueTask.FromResult<NodeResult>(new NodeResult.Suspended(context.Time.GetUtcNow() + span))
            : FakeNode.Done();
    });
}
