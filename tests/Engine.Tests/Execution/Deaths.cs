using System.Collections.Concurrent;
using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Hosts that die with a run. A death here is a journal that is closed under a run.</summary>
internal static class Deaths
{
    public const string Steps = "  - { key: before, type: echo }\n  - { key: work, type: wait }";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<RunId?> DieAsync(this DataDirectory directory, FakeNode node, Task entered, bool isFirst) =>
        directory.DieAsync([node], entered, Steps, isFirst);

    /// <summary>One host: takes up what is there, or starts the run, and dies once the run is at the step that waits.</summary>
    public static async Task<RunId?> DieAsync(this DataDirectory directory, FakeNode[] nodes, Task entered, string steps, bool isFirst)
    {
        await using var stage = new Stage(directory, nodes);
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

    public static FakeNode Counts(ConcurrentQueue<int> calls, Effect effect, string version = "1.0.0") => new("wait", effect, (_, context, _) =>
    {
        calls.Enqueue(context.Attempt);
        return FakeNode.Done();
    })
    { Version = version };

    public static FakeNode Dies(Effect effect, out Task entered, bool isApart = false, bool ignores = false, string type = "wait")
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
