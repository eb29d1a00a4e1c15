using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
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

    [Fact]
    public async Task Queued_runs_that_could_not_be_read_are_read_again_although_nothing_changes()
    {
        var run = Assert.Single(await WriteAsync(1, RunStatus.Queued));
        await using var stage = new Stage(_directory, Waits());
        stage.Workflow(Steps);
        var store = DispatchProxy.Create<IRunStore, HeldTakeOver>();
        var held = (HeldTakeOver)(object)store;
        (held.Inner, held.QueuedFailure) = (stage.Runs, new InvalidOperationException("The disk is slow."));
        held.Gate.SetResult();
        _gate.SetResult();
        await using var recovery = new RunRecovery(
            store, stage.Queue, stage.Runner, stage, new ExecutionOptions(), stage.Time, NullLogger<RunRecovery>.Instance);
        await recovery.CountAsync(Token);

        await recovery.SweepAsync(Token);

        await stage.TurnUntilAsync(stage.EndOfAsync(run), TimeSpan.FromSeconds(1));
        Assert.Null(held.QueuedFailure);
    }

    [Fact]
    public async Task A_run_that_a_sweep_reads_while_it_is_being_taken_over_is_not_taken_over_again()
    {
        var due = DataDirectory.Noon.AddHours(1);
        var run = Assert.Single(await WriteAsync(1, RunStatus.Suspended, due));
        await using var stage = new Stage(_directory, Waits());
        stage.Workflow(Steps);
        var store = DispatchProxy.Create<IRunStore, HeldTakeOver>();
        var held = (HeldTakeOver)(object)store;
        held.Inner = stage.Runs;
        await using var recovery = new RunRecovery(
            store, stage.Queue, stage.Runner, stage, new ExecutionOptions(), stage.Time, NullLogger<RunRecovery>.Instance);
        await recovery.SweepAsync(Token);

        // The timer takes the run over, and a sweep that is on its way finds it running and not active yet.
        var read = held.HoldReads();
        var sweep = recovery.SweepAsync(Token);
        await held.Reading.Task.WaitAsync(Token);
        stage.Time.Advance(due - stage.Time.GetUtcNow());
        await held.TakenOver.Task.WaitAsync(Token);
        read.SetResult();
        await held.HasRead.Task.WaitAsync(Token);
        for (var turn = 0; turn < 100; turn++)
        {
            // The sweep comes to where it waits for its turn.
            await Task.Yield();
        }

        held.Gate.SetResult();
        Assert.Equal(0, await sweep);
        _gate.SetResult();
        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(run)).Status);
    }

    // As a host leaves them that dies: running, queued, or suspended until a time that has passed.
    private async Task<IReadOnlyList<RunId>> WriteAsync(int count, RunStatus status, DateTimeOffset? dueAt = null)
    {
        await using var stage = new Stage(_directory);
        var logs = Enumerable.Range(0, count).Select(minute => new RunLog(stage.Queue, Header(minute), 1, isNew: true)).ToList();
        foreach (var log in logs)
        {
            if (status == RunStatus.Suspended)
            {
                log.Suspend([new Wait("", 1) { DueAt = dueAt ?? DataDirectory.Noon }]);
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

    /// <summary>A store whose take-overs are made at once, and told when the gate opens.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "The proxy derives from it.")]
    internal class HeldTakeOver : DispatchProxy
    {
        public IRunStore Inner { get; set; } = null!;

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource TakenOver { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource HasRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What the next read of queued runs throws; null for nothing.</summary>
        public Exception? QueuedFailure { get; set; }

        private Task? ReadGate { get; set; }

        /// <summary>From now on running runs are read when this is completed.</summary>
        public TaskCompletionSource HoldReads()
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ReadGate = gate.Task;
            return gate;
        }

        [SuppressMessage("Reliability", "CA2012", Justification = "The proxy hands them to the caller.")]
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IRunStore.TakeOverAsync) => TakeOverAsync(
                (IReadOnlyList<RunRecord>)args![0]!, (IReadOnlyDictionary<RunId, JournalEntry>)args[1]!, (CancellationToken)args[2]!),
            nameof(IRunStore.SelectAsync) when args![0] is RunSelection.Queued && QueuedFailure is { } failure => Fail(failure),
            nameof(IRunStore.SelectAsync) when args![0] is RunSelection.Running selection =>
                SelectAsync(selection, (int)args[1]!, (CancellationToken)args[2]!),
            _ => targetMethod.Invoke(Inner, args),
        };

        private async ValueTask<IReadOnlyList<RunRecord>> TakeOverAsync(
            IReadOnlyList<RunRecord> runs, IReadOnlyDictionary<RunId, JournalEntry> entries, CancellationToken cancellationToken)
        {
            var taken = await Inner.TakeOverAsync(runs, entries, cancellationToken);
            TakenOver.TrySetResult();
            await Gate.Task.WaitAsync(cancellationToken);
            return taken;
        }

        private ValueTask<RunPage> Fail(Exception failure)
        {
            QueuedFailure = null;
            return ValueTask.FromException<RunPage>(failure);
        }

        private async ValueTask<RunPage> SelectAsync(RunSelection selection, int limit, CancellationToken cancellationToken)
        {
            if (ReadGate is not { } gate)
            {
                return await Inner.SelectAsync(selection, limit, cancellationToken);
            }

            Reading.TrySetResult();
            await gate.WaitAsync(cancellationToken);
            var page = await Inner.SelectAsync(selection, limit, cancellationToken);
            HasRead.TrySetResult();
            return page;
        }
    }
}
