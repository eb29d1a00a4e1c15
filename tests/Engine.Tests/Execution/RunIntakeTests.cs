using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

public sealed class RunIntakeTests : IDisposable
{
    private const string Steps = "  - { key: work, type: pure_wait }";

    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.TrySetResult();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("Queued")]
    [InlineData("Suspended")]
    public async Task Hundreds_of_runs_are_taken_over_in_one_commit(string status)
    {
        var runs = await WriteAsync(300, Enum.Parse<RunStatus>(status));
        await using var stage = new Stage(_directory, Waits());
        stage.Workflow(Steps);
        await stage.Recovery.CountAsync(Token);
        var before = stage.Commits;

        await stage.Recovery.SweepAsync(Token);
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == runs.Count);

        // 256 at a time. Nothing else commits: a pure node passes no barrier.
        Assert.Equal(2, stage.Commits - before);
        Assert.Equal(0, stage.Runner.Backlog.Count);
        _gate.SetResult();
        foreach (var run in runs)
        {
            Assert.Equal((RunStatus.Succeeded, 2), ((await stage.EndOfAsync(run)).Status, (await stage.EndOfAsync(run)).Fence));
        }
    }

    [Fact]
    public async Task More_runs_than_there_are_places_are_all_taken_over_in_the_end()
    {
        var runs = await WriteAsync(1200, RunStatus.Running);
        _gate.SetResult();
        await using var stage = new Stage(_directory, Waits());
        stage.Workflow(Steps);

        Assert.Equal(runs.Count, await stage.Recovery.SweepAsync(Token));

        foreach (var run in runs)
        {
            Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(run)).Status);
        }
    }

    [Fact]
    public async Task Runs_that_are_due_go_on_while_every_place_is_taken()
    {
        await WriteAsync(600, RunStatus.Running);
        var due = await WriteAsync(3, RunStatus.Suspended);
        await using var stage = new Stage(_directory, Waits());
        stage.Workflow(Steps);

        var sweep = stage.Recovery.SweepAsync(Token);
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 512 + due.Count);

        Assert.All(due, run => Assert.True(stage.Runner.IsActive(run)));
        Assert.False(sweep.IsCompleted);
        _gate.SetResult();
        Assert.Equal(603, await sweep);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_others_are_taken_over_is_not_walked()
    {
        var runs = await WriteAsync(50, RunStatus.Suspended);
        await using var stage = new Stage(_directory, Waits());
        stage.Workflow(Steps);

        var cancelling = stage.Recovery.CancelAsync(runs[40], Token);
        await stage.Recovery.SweepAsync(Token);
        Assert.Null(await cancelling);
        _gate.SetResult();

        Assert.Equal(RunStatus.Cancelled, (await stage.EndOfAsync(runs[40])).Status);
        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(runs[41])).Status);
    }

    // As a host leaves them that dies: running, queued, or suspended until a time that has passed.
    private async Task<IReadOnlyList<RunId>> WriteAsync(int count, RunStatus status)
    {
        await using var stage = new Stage(_directory);
        var logs = Enumerable.Range(0, count).Select(minute => new RunLog(stage.Queue, Header(minute), 1, isNew: true)).ToList();
        foreach (var log in logs)
        {
            if (status == RunStatus.Suspended)
            {
                log.Suspend([new Wait("", 1) { DueAt = DataDirectory.Noon }]);
            }
            else
            {
                log.SetStatus(status);
            }
        }

        await Task.WhenAll(logs.Select(log => log.DurableAsync()));
        return [.. logs.Select(log => log.Header.Id)];
    }

    private static RunHeader Header(int minute) => DataDirectory.Header("tested", minute) with
    {
        Envelope = """{"method":"POST","path":"/x","params":{},"query":{},"headers":{},"content_type":"application/json","remote_ip":null}"""u8.ToArray(),
        Body = "{}"u8.ToArray(),
    };

    private FakeNode Waits() => new("pure_wait", Effect.None, async (_, _, cancellationToken) =>
    {
        await _gate.Task.WaitAsync(cancellationToken);
        return new NodeResult.Completed("{}"u8.ToArray());
    });
}
