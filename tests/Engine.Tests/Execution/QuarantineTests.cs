using System.Collections.Concurrent;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Journal.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs whose host died. A death here is a journal that is closed under a run.</summary>
public sealed class QuarantineTests : IDisposable
{
    private const string Steps = "  - { key: before, type: echo }\n  - { key: work, type: wait }";

    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Effect.External)]
    [InlineData(Effect.None)]
    public async Task A_run_with_three_deaths_at_one_step_is_not_walked_again(Effect effect)
    {
        var id = await DieThreeTimesAsync(effect);

        var calls = new ConcurrentQueue<int>();
        await using var stage = new Stage(_directory, Counts(calls, effect));
        stage.Workflow(Steps);
        Assert.Equal(0, await stage.Recovery.SweepAsync(Token));

        var run = await stage.WhenAsync(id, run => run.Status == RunStatus.Quarantined);
        var entry = run.All().OfType<JournalEntry.Quarantined>().Single();
        Assert.Equal(("work", $"Tests@1.0.0+{new string('0', 64)}"), (entry.Key, entry.Plugin));
        Assert.StartsWith("3 hosts ended while step work (node 'wait' of plugin Tests@1.0.0) was in flight.", entry.Message, StringComparison.Ordinal);
        Assert.Equal(1, stage.Recovery.QuarantinedCount);
        Assert.Null(run.FinishedAt);
        Assert.Empty(calls);
        Assert.Equal(0, await stage.Recovery.SweepAsync(Token));
    }

    [Fact]
    public async Task A_quarantined_run_is_retried_by_hand_and_its_deaths_are_forgiven()
    {
        var id = await DieThreeTimesAsync(Effect.External);
        await using (var quarantined = await QuarantineAsync(id))
        {
        }

        var node = Dies(Effect.External, out var entered);
        await using (var stage = new Stage(_directory, node))
        {
            stage.Workflow(Steps);
            await stage.Recovery.CountAsync(Token);
            Assert.Equal(1, stage.Recovery.QuarantinedCount);
            Assert.Null(await stage.Recovery.RetryAsync(id, Token));
            await entered.WaitAsync(Token);
            Assert.Equal(0, stage.Recovery.QuarantinedCount);
        }

        await using var next = new Stage(_directory, Counts([], Effect.External));
        next.Workflow(Steps);
        Assert.Equal(1, await next.Recovery.SweepAsync(Token));
        Assert.Equal(RunStatus.Succeeded, (await next.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_quarantined_run_can_be_cancelled()
    {
        var id = await DieThreeTimesAsync(Effect.External);
        await using var stage = await QuarantineAsync(id);

        Assert.Null(await stage.Recovery.CancelAsync(id, Token));

        Assert.Equal(RunStatus.Cancelled, (await stage.EndOfAsync(id)).Status);
        Assert.Equal(0, stage.Recovery.QuarantinedCount);
    }

    [Theory]
    [InlineData("1.0.0", false)]
    [InlineData("1.0.1", true)]
    public async Task A_quarantined_run_goes_on_by_itself_in_another_version_of_the_plugin_only(string version, bool goesOn)
    {
        var id = await DieThreeTimesAsync(Effect.External);
        await using (var quarantined = await QuarantineAsync(id))
        {
        }

        await using var stage = new Stage(_directory, Counts([], Effect.External, version));
        stage.Workflow(Steps);
        await stage.Recovery.SweepAsync(Token);

        var run = await stage.WhenAsync(id, run => run.Status == (goesOn ? RunStatus.Succeeded : RunStatus.Quarantined));
        Assert.Equal(goesOn, run.Warnings().Any(warning => warning.Contains("Tests@1.0.1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_caller_who_comes_back_for_the_reply_of_a_quarantined_run_is_told_that_there_is_none()
    {
        var id = await DieThreeTimesAsync(Effect.External);
        await using var stage = await QuarantineAsync(id);

        var answer = await stage.Answers.FindAsync(id, Token);

        Assert.False(Assert.IsType<Answer.Failed>(answer!.Answer).Failure.Retryable);
    }

    [Fact]
    public async Task A_death_while_the_step_runs_in_a_process_of_its_own_is_not_counted()
    {
        RunId id = default;
        for (var death = 1; death <= 4; death++)
        {
            id = await DieAsync(Dies(Effect.External, out var entered, isApart: true), entered, isFirst: death == 1) ?? id;
        }

        await using var stage = new Stage(_directory, Counts([], Effect.External));
        stage.Workflow(Steps);
        await stage.Recovery.SweepAsync(Token);

        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_stop_is_not_counted_even_if_the_node_does_not_hear_it()
    {
        RunId id = default;
        for (var stop = 1; stop <= 4; stop++)
        {
            await using var stage = new Stage(_directory, Dies(Effect.External, out var entered, ignores: true));
            stage.Workflow(Steps);
            id = stop == 1 ? stage.Start(Steps).Run : id;
            await stage.Recovery.SweepAsync(Token);
            await entered.WaitAsync(Token);
            await stage.TurnUntilAsync(stage.Runner.StopAsync(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(1));
        }

        await using var last = new Stage(_directory, Counts([], Effect.External));
        last.Workflow(Steps);
        Assert.Equal(1, await last.Recovery.SweepAsync(Token));
        var run = await last.EndOfAsync(id);
        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Empty(run.All().OfType<JournalEntry.Interrupted>());
    }

    [Fact]
    public async Task Deaths_at_different_steps_do_not_add_up()
    {
        const string steps = "  - { key: one, type: one }\n  - { key: two, type: two }\n  - { key: three, type: three }\n  - { key: four, type: four }";
        string[] types = ["one", "two", "three", "four"];
        RunId id = default;
        for (var death = 0; death < types.Length; death++)
        {
            var nodes = types.Select((type, at) => at < death ? FakeNode.Echo(type) : Dies(Effect.None, out _, type: type)).ToArray();
            nodes[death] = Dies(Effect.None, out var entered, type: types[death]);
            id = await DieAsync(nodes, entered, steps, death == 0) ?? id;
        }

        await using var stage = new Stage(_directory, [.. types.Select(type => FakeNode.Echo(type))]);
        stage.Workflow(steps);
        await stage.Recovery.SweepAsync(Token);

        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(id)).Status);
    }

    [Fact]
    public async Task A_run_that_woke_from_a_suspension_is_counted_too()
    {
        const string steps = "  - { key: pause, type: pause }\n  - { key: work, type: wait }";
        var pause = new FakeNode("pause", Effect.None, (_, context, _) => context.Wake is null
            ? ValueTask.FromResult<NodeResult>(new NodeResult.Suspended(context.Time.GetUtcNow().AddHours(1)))
            : FakeNode.Done());
        RunId id;
        await using (var stage = new Stage(_directory, pause, Counts([], Effect.None)))
        {
            id = stage.Start(steps).Run;
            await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
        }

        _directory.Time.Advance(TimeSpan.FromHours(2));
        for (var death = 1; death <= 3; death++)
        {
            await DieAsync([pause, Dies(Effect.None, out var entered)], entered, steps, isFirst: false);
        }

        await using var last = new Stage(_directory, pause, Counts([], Effect.None));
        last.Workflow(steps);
        await last.Recovery.SweepAsync(Token);

        Assert.Equal(RunStatus.Quarantined, (await last.WhenAsync(id, run => run.Status == RunStatus.Quarantined)).Status);
    }

    [Fact]
    public async Task Runs_that_were_beside_each_other_at_two_deaths_go_on_one_at_a_time()
    {
        var runs = new List<RunId>();
        for (var death = 1; death <= 2; death++)
        {
            var begun = new SemaphoreSlim(0);
            await using var stage = new Stage(_directory, new FakeNode("wait", Effect.External, async (_, _, cancellationToken) =>
            {
                begun.Release();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return null!;
            }));
            stage.Workflow(Steps);
            for (var count = 0; death == 1 && count < 3; count++)
            {
                runs.Add(stage.Start(Steps).Run);
            }

            await stage.Recovery.SweepAsync(Token);
            for (var count = 0; count < 3; count++)
            {
                await begun.WaitAsync(Token);
            }
        }

        var (atOnce, most) = (0, 0);
        await using var last = new Stage(_directory, new FakeNode("wait", Effect.External, async (_, _, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            await Task.Yield();
            Interlocked.Decrement(ref atOnce);
            return new NodeResult.Completed("{}"u8.ToArray());
        }));
        last.Workflow(Steps);
        Assert.Equal(0, await last.Recovery.SweepAsync(Token));
        foreach (var id in runs)
        {
            Assert.Equal(RunStatus.Succeeded, (await last.EndOfAsync(id)).Status);
        }

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_run_that_was_let_go_while_the_disk_was_full_is_not_counted()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stage = new Stage(_directory, FakeNode.Waits(gate.Task, entered));
        var id = stage.Start(Steps).Run;
        await entered.Task.WaitAsync(Token);
        await stage.FillAsync();
        Assert.IsType<Answer.NotDurable>(await stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"").Answer.WaitAsync(Token));
        gate.SetResult();
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);

        stage.Workflow(Steps);
        stage.MakeRoom();
        var ended = stage.EndOfAsync(id);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(1));

        Assert.Empty((await ended).All().OfType<JournalEntry.Interrupted>());
        Assert.Empty(stage.Runner.LetGoRuns.All);
    }

    [Fact]
    public async Task A_suspect_that_was_let_go_while_the_disk_was_full_is_not_counted()
    {
        RunId id = default;
        for (var death = 1; death <= 2; death++)
        {
            id = await DieAsync(Dies(Effect.External, out var died), died, isFirst: death == 1) ?? id;
        }

        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stage = new Stage(_directory, FakeNode.Waits(gate.Task, entered));
        stage.Workflow(Steps);
        await stage.Recovery.SweepAsync(Token);
        await entered.Task.WaitAsync(Token);
        await stage.FillAsync();
        Assert.IsType<Answer.NotDurable>(await stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"").Answer.WaitAsync(Token));
        gate.SetResult();
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);

        stage.Workflow(Steps);
        stage.MakeRoom();
        var ended = stage.EndOfAsync(id);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(1));

        Assert.Equal(RunStatus.Succeeded, (await ended).Status);
        Assert.Equal(2, (await ended).All().OfType<JournalEntry.Interrupted>().Count());
    }

    private async Task<RunId> DieThreeTimesAsync(Effect effect)
    {
        RunId id = default;
        for (var death = 1; death <= 3; death++)
        {
            id = await DieAsync(Dies(effect, out var entered), entered, isFirst: death == 1) ?? id;
        }

        return id;
    }

    private Task<RunId?> DieAsync(FakeNode node, Task entered, bool isFirst) => DieAsync([node], entered, Steps, isFirst);

    /// <summary>One host: takes up what is there, or starts the run, and dies once the run is at the step that waits.</summary>
    private async Task<RunId?> DieAsync(FakeNode[] nodes, Task entered, string steps, bool isFirst)
    {
        await using var stage = new Stage(_directory, nodes);
        stage.Workflow(steps);
        var id = isFirst ? stage.Start(steps).Run : (RunId?)null;
        if (id is { } run)
        {
            await entered.WaitAsync(Token);
            // What a host does that lives a moment longer: at least the run is durable.
            await stage.Runner.FlushAsync(run);
        }
        else
        {
            await stage.Recovery.SweepAsync(Token);
            await entered.WaitAsync(Token);
        }

        return id;
    }

    private async Task<Stage> QuarantineAsync(RunId id)
    {
        var stage = new Stage(_directory, Counts([], Effect.External));
        stage.Workflow(Steps);
        await stage.Recovery.SweepAsync(Token);
        await stage.WhenAsync(id, run => run.Status == RunStatus.Quarantined);
        return stage;
    }

    private static FakeNode Counts(ConcurrentQueue<int> calls, Effect effect, string version = "1.0.0") => new("wait", effect, (_, context, _) =>
    {
        calls.Enqueue(context.Attempt);
        return FakeNode.Done();
    })
    { Version = version };

    private static FakeNode Dies(Effect effect, out Task entered, bool isApart = false, bool ignores = false, string type = "wait")
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        entered = signal.Task;
        return new FakeNode(type, effect, async (_, _, cancellationToken) =>
        {
            signal.TrySetResult();
            await Task.Delay(Timeout.Infinite, ignores ? CancellationToken.None : cancellationToken);
            return null!;
        })
        { IsApart = isApart };
    }
}
