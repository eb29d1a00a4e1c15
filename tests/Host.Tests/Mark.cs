using System.Collections.Concurrent;

namespace Sluice.Host.Tests;

/// <summary>What a test leaves in the process for a probe: the gate it waits for, and the signals it gives. See the fixture plugin Probes.</summary>
internal sealed class Mark : IDisposable
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _calls = new();

    public Mark()
    {
        AppContext.SetData(Name, _gate);
        AppContext.SetData($"{Name}.entered", _entered);
        AppContext.SetData($"{Name}.cancelled", _cancelled);
        AppContext.SetData($"{Name}.calls", _calls);
    }

    public string Name { get; } = $"probe-{Guid.NewGuid():N}";

    /// <summary>Every call so far: the attempt and the idempotency key.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    public void Open() => _gate.TrySetResult();

    public Task EnteredAsync() => _entered.Task.WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);

    public Task CancelledAsync() => _cancelled.Task.WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Open();
        foreach (var name in new[] { Name, $"{Name}.entered", $"{Name}.cancelled", $"{Name}.calls" })
        {
            AppContext.SetData(name, null);
        }
    }
}
