namespace Sluice.Engine.Threading;

/// <summary>Something that happens repeatedly and can be awaited.</summary>
/// <remarks>Take <see cref="Next"/>, look at the state, then await: nothing that happens in between is missed. Any number may wait.</remarks>
internal sealed class Recurrence
{
    private TaskCompletionSource _next = NewSource();

    /// <summary>Completes when it happens next.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Completes <see cref="Next"/>. Each waiter continues asynchronously.</summary>
    public void Signal() => Interlocked.Exchange(ref _next, NewSource()).SetResult();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
