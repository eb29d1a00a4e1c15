using System.Collections.Concurrent;
using System.Text;
using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs that wait for a signal: it may come before the wait, while the host is down, or twice.</summary>
public sealed class RunSignalTests : IDisposable
{
    private const string Steps = "  - { key: ask, type: ask }\n  - { key: after, type: echo, config: { text: \"{{ ask.output }}\" } }";

    private readonly DataDirectory _directory = new();
    private readonly ConcurrentQueue<Wake?> _wakes = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_signal_wakes_the_step_that_waits_for_it_and_brings_its_payload()
    {
        await using var stage = new Stage(_directory, Asks(until: null));
        var id = stage.Start(Steps).Run;
        var asleep = await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
        Assert.Equal([new Wait("ask", 1) { Signal = "approved" }], asleep.Waits);

        Assert.Equal(SignalResult.Awaited, await stage.Recovery.SignalAsync(id, "approved", """{"by":"ada"}"""u8.ToArray(), Token));

        var run = await stage.EndOfAsync(id);
        Assert.Equal(["ask", "ask", "after"], run.Keys());
        Assert.Equal("""{"by":"ada"}""", run.OutputJson("ask").GetProperty("payload").GetString());
        Assert.Empty(run.Signals);
        Assert.Equal(SignalResult.Ended, await stage.Recovery.SignalAsync(id, "approved", default, Token));
    }

    [Fact]
    public async Task A_signal_that_comes_while_no_host_runs_or_before_the_wait_is_not_missed()
    {
        RunId asleep;
        await using (var stage = new Stage(_directory, Asks(until: null)))
        {
            asleep = stage.Start(Steps).Run;
            await stage.WhenAsync(asleep, run => run.Status == RunStatus.Suspended);
            Assert.Equal(SignalResult.Unknown, await stage.Recovery.SignalAsync(RunId.New(stage.Time.GetUtcNow()), "approved", default, Token));
        }

        await using (var journal = _directory.Open())
        {
            Assert.Equal(SignalResult.Awaited, await journal.Runs.SignalAsync(asleep, new Signal("approved", "1"u8.ToArray(), _directory.Time.GetUtcNow()), Token));
            Assert.Equal(SignalResult.Repeated, await journal.Runs.SignalAsync(asleep, new Signal("approved", "2"u8.ToArray(), _directory.Time.GetUtcNow()), Token));
        }

        await using var next = new Stage(_directory, Asks(until: null));
        next.Workflow(Steps);
        await next.Recovery.SweepAsync(Token);

        Assert.Equal("1", (await next.EndOfAsync(asleep)).OutputJson("ask").GetProperty("payload").GetString());
    }

    [Fact]
    public async Task A_signal_that_comes_while_the_step_is_active_is_found_when_the_step_suspends()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var maySuspend = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stage = new Stage(_directory, Asks(until: null, entered, maySuspend.Task));
        var id = stage.Start(Steps).Run;
        await entered.Task.WaitAsync(Token);
        await stage.Runner.FlushAsync(id);

        Assert.Equal(SignalResult.Stored, await stage.Recovery.SignalAsync(id, "approved", "true"u8.ToArray(), Token));
        maySuspend.SetResult();

        Assert.Equal("true", (await stage.EndOfAsync(id)).OutputJson("ask").GetProperty("payload").GetString());
    }

    [Fact]
    public async Task A_wait_with_a_time_ends_by_it_if_no_signal_comes()
    {
        var until = DataDirectory.Noon.AddDays(1);
        await using var stage = new Stage(_directory, Asks(until));
        var id = stage.Start(Steps).Run;
        var ended = stage.EndOfAsync(id);

        await stage.SleepUntilAsync(ended, TimeSpan.FromHours(1));

        Assert.Equal([null, new Wake(until)], _wakes);
        Assert.Equal("", (await ended).OutputJson("ask").GetProperty("payload").GetString());
    }

    [Fact]
    public async Task A_host_that_crashes_after_a_signal_was_consumed_calls_the_step_with_the_same_payload_again()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RunId id;
        await using (var stage = new Stage(_directory, Asks(until: null, ending: entered, mayEnd: new TaskCompletionSource().Task)))
        {
            id = stage.Start(Steps).Run;
            await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
            await stage.Recovery.SignalAsync(id, "approved", "7"u8.ToArray(), Token);
            await entered.Task.WaitAsync(Token);
            await stage.Runner.FlushAsync(id);
            Assert.Empty((await stage.Runs.FindAsync(id, Token))!.Signals);
        }

        await using var next = new Stage(_directory, Asks(until: null));
        next.Workflow(Steps);
        await next.Recovery.SweepAsync(Token);

        Assert.Equal("7", (await next.EndOfAsync(id)).OutputJson("ask").GetProperty("payload").GetString());
        Assert.Single((await next.EndOfAsync(id)).All().OfType<JournalEntry.Woken>());
    }

    [Fact]
    public async Task A_retry_calls_a_step_that_failed_after_its_signal_with_the_same_payload()
    {
        var isUp = false;
        await using var stage = new Stage(_directory, Asks(until: null, whenWoken: _ => isUp ? null : new NodeFailure(FailureKind.Unavailable, "down")));
        var id = stage.Start(Steps).Run;
        await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
        await stage.Recovery.SignalAsync(id, "approved", "7"u8.ToArray(), Token);
        Assert.Equal(RunStatus.Failed, (await stage.EndOfAsync(id)).Status);

        isUp = true;
        Assert.Null(await stage.Recovery.RetryAsync(id, Token));

        var run = await stage.WhenAsync(id, run => run.Status == RunStatus.Succeeded);
        Assert.Equal("7", run.OutputJson("ask").GetProperty("payload").GetString());
        Assert.Equal([StepStatus.Suspended, StepStatus.Failed, StepStatus.Succeeded], run.Steps().Where(step => step.Key == "ask").Select(step => step.Status));
    }

    [Fact]
    public async Task A_cancelled_run_that_is_retried_finds_the_signal_that_came_before_its_time()
    {
        var until = DataDirectory.Noon.AddHours(1);
        RunId id;
        await using (var stage = new Stage(_directory, Asks(until)))
        {
            id = stage.Start(Steps).Run;
            await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);
        }

        await using (var journal = _directory.Open())
        {
            await journal.Runs.SignalAsync(id, new Signal("approved", "1"u8.ToArray(), DataDirectory.Noon), Token);
        }

        await using var next = new Stage(_directory, Asks(until));
        next.Workflow(Steps);
        Assert.Null(await next.Recovery.CancelAsync(id, Token));
        next.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await next.Recovery.RetryAsync(id, Token));

        var run = await next.WhenAsync(id, run => run.Status == RunStatus.Succeeded);
        Assert.Equal("1", run.OutputJson("ask").GetProperty("payload").GetString());
    }

    // Waits for the signal `approved`, then gives what came with it.
    private FakeNode Asks(DateTimeOffset? until, TaskCompletionSource? entered = null, Task? maySuspend = null, TaskCompletionSource? ending = null, Task? mayEnd = null,
        Func<Wake, NodeFailure?>? whenWoken = null) =>
        new("ask", Effect.None, async (_, context, _) =>
        {
            _wakes.Enqueue(context.Wake);
            if (context.Wake is not { } wake)
            {
                entered?.TrySetResult();
                await (maySuspend ?? Task.CompletedTask);
                return new NodeResult.Suspended(until ?? DateTimeOffset.MaxValue) { Signal = "approved" };
            }

            ending?.TrySetResult();
            await (mayEnd ?? Task.CompletedTask);
            if (whenWoken?.Invoke(wake) is { } failure)
            {
                return new NodeResult.Failed(failure);
            }

            return new NodeResult.Completed(Encoding.UTF8.GetBytes($$"""{"payload":{{System.Text.Json.JsonSerializer.Serialize(Encoding.UTF8.GetString(wake.Payload.Span))}}}"""));
        });
}
