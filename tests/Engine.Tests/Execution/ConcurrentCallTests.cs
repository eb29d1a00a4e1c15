using System.Collections.Immutable;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;
using Sluice.Engine.Secrets;
using Sluice.Engine.Tests.Execution.Walking;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Tests.Execution;

/// <summary>A driver with several calls of one run in flight, which no workflow asks for yet.</summary>
public sealed class ConcurrentCallTests : IDisposable, IRunOwner
{
    private const string Steps = """
          - { key: a, type: wait }
          - { key: after_a, type: echo }
          - { key: b, type: wait_again }
          - { key: after_b, type: mark }
        """;

    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gateA = NewSource();
    private readonly TaskCompletionSource _enteredA = NewSource();
    private readonly TaskCompletionSource _gateB = NewSource();
    private readonly TaskCompletionSource _enteredB = NewSource();
    private readonly TaskCompletionSource _afterB = NewSource();
    private readonly TaskCompletionSource<OutcomeKind> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_call_that_ends_is_followed_by_its_next_step_while_another_is_in_flight()
    {
        await using var stage = NewStage();
        var run = Begin(stage);
        await Task.WhenAll(_enteredA.Task, _enteredB.Task).WaitAsync(Token);

        _gateB.SetResult();
        await _afterB.Task.WaitAsync(Token);
        Assert.False(_outcome.Task.IsCompleted);
        _gateA.SetResult();

        Assert.Equal(OutcomeKind.GoOn, await _outcome.Task.WaitAsync(Token));
        await run.Log.DurableAsync();
        var record = await stage.Runs.FindAsync(run.Id, Token);
        Assert.Equal(["b", "after_b", "a", "after_a"], record!.Keys());
    }

    [Fact]
    public async Task Cancellation_reaches_every_call_in_flight_and_no_further_step_starts()
    {
        await using var stage = NewStage();
        var run = Begin(stage);
        await Task.WhenAll(_enteredA.Task, _enteredB.Task).WaitAsync(Token);

        Assert.True(run.TryCancel());

        Assert.Equal(OutcomeKind.Cancelled, await _outcome.Task.WaitAsync(Token));
        Assert.False(_afterB.Task.IsCompleted);
    }

    void IRunOwner.End(Run run, StepOutcome outcome) => _outcome.TrySetResult(outcome.Kind);

    void IRunOwner.Detach(Run run, Exception exception) => _outcome.TrySetException(exception);

    StepOutcome IRunOwner.Defect(Run run, Exception exception)
    {
        _outcome.TrySetException(exception);
        return StepOutcome.Cancelled();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Stage NewStage() => new(
        _directory,
        FakeNode.Waits(_gateA.Task, _enteredA),
        FakeNode.Waits(_gateB.Task, _enteredB, type: "wait_again"),
        new FakeNode("mark", Sdk.Effect.None, (_, _, _) =>
        {
            _afterB.SetResult();
            return FakeNode.Done();
        }));

    private Run Begin(Stage stage)
    {
        var workflow = stage.Workflow(Steps);
        var plan = NodePlan.Of(workflow.Steps);
        var header = DataDirectory.Header(workflow.Name);
        var run = new Run(
            workflow, new RunLog(stage.Queue, header, 1, isNew: true), new RunScope(header, TriggerData.Restore(header.Envelope, header.Body), stage, []),
            RunHistory.Empty, SecretMask.None, responder: null, watchers: null, stage.Time);
        run.Driver = new RunDriver(run, [new BothPrototype("both", plan[..2], plan[2..])], stage.Steps, PoolScheduler.Instance, stage.Time, this);
        run.Driver.Start();
        return run;
    }
}
