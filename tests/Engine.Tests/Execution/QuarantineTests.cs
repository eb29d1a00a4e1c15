using System.Collections.Concurrent;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;
using static Sluice.Engine.Tests.Execution.Deaths;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs whose host died.</summary>
public sealed class QuarantineTests : IDisposable
{
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
        Assert.StartsWith("3 hosts crashed while step work (node 'wait' of plugin Tests@1.0.0) was active.", entry.Message, StringComparison.Ordinal);
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
    public async Task Deaths_at_different_steps_do_not_add_up()
    {
        const string steps = "  - { key: one, type: one }\n  - { key: two, type: two }\n  - { key: three, type: three }\n  - { key: four, type: four }";
        string[] types = ["one", "two", "three", "four"];
        RunId id = default;
        for (var death = 0; death < types.Length; death++)
        {
            var nodes = types.Select((type, at) => at < death ? FakeNode.Echo(type) : Dies(Effect.None, out _, type: type)).ToArray();
            nodes[death] = Dies(Effect.None, out var entered, type: types[death]);
            id = await _directory.DieAsync(nodes, entered, steps, death == 0) ?? id;
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
            await _directory.DieAsync([pause, Dies(Effect.None, out var entered)], entered, steps, isFirst: false);
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

    private async Task<RunId> DieThreeTimesAsync(Effect effect)
    {
        RunId id = default;
        for (var death = 1; death <= 3; death++)
        {
            id = await _directory.DieAsync(Dies(effect, out var entered), entered, isFirst: death == 1) ?? id;
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
}
