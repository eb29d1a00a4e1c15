using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;

namespace Sluice.Engine.Tests.Execution;

/// <summary>What tests of runs that continue share. A crash here is a journal that is closed under a run.</summary>
public abstract class CrashTests : IDisposable
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected DataDirectory Directory { get; } = new();

    /// <summary>Opens for the node that waits.</summary>
    private protected TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the node that waits is called.</summary>
    private protected TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        Gate.TrySetResult();
        Directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected FakeNode Waits() => FakeNode.Waits(Gate.Task, Entered);

    /// <summary>Runs these steps until the one that waits is in the air, and closes the journal under them.</summary>
    private protected async Task<RunId> CrashInAsync(string steps, string body, params FakeNode[] nodes)
    {
        await using var stage = new Stage(Directory, [.. nodes, FakeNode.Waits(new TaskCompletionSource().Task, Entered)]);
        var responder = stage.Start(steps, body);
        await Entered.Task.WaitAsync(Token);
        return responder.Run;
    }
}
