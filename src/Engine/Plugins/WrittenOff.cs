namespace Sluice.Engine.Plugins;

/// <summary>
/// Counts calls of plugin code that are no longer awaited. Each keeps its plugin in memory, and usually a thread, until it returns.
/// </summary>
/// <param name="total">Counts the same calls for the whole host; null for the host's own count.</param>
internal sealed class WrittenOff(WrittenOff? total = null)
{
    private int _count;

    /// <summary>The calls that have not returned.</summary>
    public int Count => Math.Max(0, Volatile.Read(ref _count));

    /// <summary>Records that a call missed its deadline.</summary>
    public void Add()
    {
        Interlocked.Increment(ref _count);
        total?.Add();
    }

    /// <summary>Records that a written-off call has returned after all.</summary>
    public void Return()
    {
        Interlocked.Decrement(ref _count);
        total?.Return();
    }

    /// <summary>Awaits the rest of a call that needs no thread of its own, and writes it off if it misses the deadline.</summary>
    /// <exception cref="OperationCanceledException">It was written off.</exception>
    public async Task<T> WaitAsync<T>(Task<T> call, CancellationToken deadline)
    {
        await WaitAsync((Task)call, deadline);
        return await call;
    }

    /// <summary>Awaits the rest of a call that needs no thread of its own, and writes it off if it misses the deadline.</summary>
    /// <exception cref="OperationCanceledException">It was written off.</exception>
    public async Task WaitAsync(Task call, CancellationToken deadline)
    {
        await call.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!call.IsCompleted)
        {
            Add();
            _ = call.ContinueWith(_ => Return(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new OperationCanceledException(deadline);
        }

        await call;
    }
}
