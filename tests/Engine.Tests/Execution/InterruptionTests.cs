using Dapper;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;
using static Sluice.Engine.Tests.Execution.Deaths;

namespace Sluice.Engine.Tests.Execution;

/// <summary>What counts as the death of a run's host, and what does not.</summary>
public sealed class InterruptionTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_death_while_the_step_runs_in_a_process_of_its_own_is_not_counted()
    {
        RunId id = default;
        for (var death = 1; death <= 4; death++)
        {
            id = await _directory.DieAsync(Dies(Effect.External, out var entered, isApart: true), entered, isFirst: death == 1) ?? id;
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

        await EndsWithoutDeathsAsync(id);
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
        Assert.Empty(stage.Runner.Detached.All);
    }

    [Fact]
    public async Task A_suspect_that_was_let_go_while_the_disk_was_full_is_not_counted()
    {
        RunId id = default;
        for (var death = 1; death <= 2; death++)
        {
            id = await _directory.DieAsync(Dies(Effect.External, out var died), died, isFirst: death == 1) ?? id;
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_while_the_disk_is_full_is_not_counted(bool isWritableAgain)
    {
        RunId id = default;
        for (var stop = 1; stop <= 4; stop++)
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var stage = new Stage(_directory, FakeNode.Waits(gate.Task, entered));
            stage.Workflow(Steps);
            id = stop == 1 ? stage.Start(Steps).Run : id;
            await stage.Recovery.SweepAsync(Token);
            await entered.Task.WaitAsync(Token);
            await stage.FillAsync();
            Assert.IsType<Answer.NotDurable>(await stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"").Answer.WaitAsync(Token));
            gate.SetResult();
            await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);
            await stage.Runner.StopAsync(TimeSpan.FromSeconds(1));
            if (isWritableAgain)
            {
                stage.MakeRoom();
                await stage.TurnUntilAsync(Stage.UntilAsync(() => stage.Queue.IsWritable), TimeSpan.FromSeconds(1));
            }
        }

        await EndsWithoutDeathsAsync(id);
    }

    [Fact]
    public async Task A_death_after_a_stop_while_the_disk_was_full_is_counted()
    {
        var id = await _directory.DieAsync(Dies(Effect.External, out var first), first, isFirst: true);
        await using (var full = new Stage(_directory, Counts([], Effect.External)))
        {
            await full.FillAsync();
            Assert.IsType<Answer.NotDurable>(await full.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"").Answer.WaitAsync(Token));
        }

        for (var death = 1; death <= 3; death++)
        {
            await _directory.DieAsync(Dies(Effect.External, out var entered), entered, isFirst: false);
        }

        await using var last = new Stage(_directory, Counts([], Effect.External));
        last.Workflow(Steps);
        Assert.Equal(0, await last.Recovery.SweepAsync(Token));
        Assert.Equal(RunStatus.Quarantined, (await last.WhenAsync(id!.Value, run => run.Status == RunStatus.Quarantined)).Status);
        Assert.Equal(3, (await last.Runs.FindAsync(id.Value, Token))!.All().OfType<JournalEntry.Interrupted>().Count());
    }

    [Fact]
    public async Task A_run_that_can_t_be_taken_up_is_not_counted()
    {
        var id = (await _directory.DieAsync(Dies(Effect.External, out var died), died, isFirst: true))!.Value;
        await using (var once = new Stage(_directory, Dies(Effect.External, out var entered, ignores: true)))
        {
            once.Workflow(Steps);
            await once.Recovery.SweepAsync(Token);
            await entered.WaitAsync(Token);
            await once.TurnUntilAsync(once.Runner.StopAsync(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(1));
        }

        await FailToTakeUpFourTimesAsync(id);

        Assert.Single(await InterruptionsAtEndAsync(id));
    }

    [Fact]
    public async Task A_death_before_a_start_that_can_t_take_the_run_up_is_counted_once()
    {
        var id = (await _directory.DieAsync(Dies(Effect.External, out var died), died, isFirst: true))!.Value;
        await FailToTakeUpFourTimesAsync(id);

        Assert.Single(await InterruptionsAtEndAsync(id));
    }

    // A run whose envelope can't be read fails between its take-over and its walk.
    private async Task FailToTakeUpFourTimesAsync(RunId id)
    {
        var envelope = await ReplaceEnvelopeAsync(id, "no JSON"u8.ToArray());
        for (var start = 1; start <= 4; start++)
        {
            await using var stage = new Stage(_directory, Counts([], Effect.External));
            stage.Workflow(Steps);
            Assert.Equal(0, await stage.Recovery.SweepAsync(Token));
        }

        await ReplaceEnvelopeAsync(id, envelope);
    }

    private async Task<IEnumerable<JournalEntry.Interrupted>> InterruptionsAtEndAsync(RunId id)
    {
        await using var last = new Stage(_directory, Counts([], Effect.External));
        last.Workflow(Steps);
        Assert.Equal(1, await last.Recovery.SweepAsync(Token));
        return (await last.EndOfAsync(id)).All().OfType<JournalEntry.Interrupted>();
    }

    private async Task EndsWithoutDeathsAsync(RunId id)
    {
        await using var last = new Stage(_directory, Counts([], Effect.External));
        last.Workflow(Steps);
        Assert.Equal(1, await last.Recovery.SweepAsync(Token));
        var run = await last.EndOfAsync(id);
        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Empty(run.All().OfType<JournalEntry.Interrupted>());
    }

    /// <summary>Replaces the request of a stored run while no host is there; returns what it was.</summary>
    private async Task<byte[]> ReplaceEnvelopeAsync(RunId id, byte[] envelope)
    {
        await using var database = _directory.Open();
        return await database.Writer.WriteAsync(
            connection =>
            {
                var before = connection.ExecuteScalar<byte[]>("select envelope from run where id = @id", new { id = id.ToBytes() })!;
                connection.Execute("update run set envelope = @envelope where id = @id", new { id = id.ToBytes(), envelope });
                return before;
            },
            Token);
    }
}
