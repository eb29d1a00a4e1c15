namespace Sluice.Engine.Plugins;

/// <summary>
/// Calls code of one plugin version that is not cancellable: its checks, its ports, its disposal. Each call has a deadline.
/// </summary>
/// <param name="threads">The threads that run the calls.</param>
/// <param name="limit">The maximum time of a call.</param>
/// <param name="writtenOff">Counts the calls of this version that missed the deadline.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the host stops; then calls are no longer awaited.</param>
internal sealed class BoundedCode(PluginThreads threads, TimeSpan limit, WrittenOff writtenOff, TimeProvider time, CancellationToken stopping)
{
    /// <summary>
    /// The time limit after a call was written off, and while the host stops, because a hundred workflows may call the same node in turn.
    /// </summary>
    public static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(1);

    public WrittenOff WrittenOff => writtenOff;

    private TimeSpan Limit => limit > ShortLimit && (stopping.IsCancellationRequested || writtenOff.Count > 0) ? ShortLimit : limit;

    /// <summary>Runs code, which must not throw exceptions of the plugin.</summary>
    /// <exception cref="CodeDeadlineException">It did not return in time, and its thread is written off.</exception>
    public T Run<T>(Func<T> code)
    {
        using var deadline = new Deadline(Limit, time, stopping);
        try
        {
            return threads.Run(code, writtenOff, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.Token.IsCancellationRequested)
        {
            throw new CodeDeadlineException(deadline.Limit);
        }
    }

    /// <summary>Runs asynchronous code to completion.</summary>
    /// <exception cref="CodeDeadlineException">It did not complete in time, and is written off.</exception>
    public async Task RunAsync(Func<Task> code)
    {
        using var deadline = new Deadline(Limit, time, stopping);
        try
        {
            var rest = await threads.RunAsync(code, writtenOff, deadline.Token);
            await writtenOff.WaitAsync(rest, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.Token.IsCancellationRequested)
        {
            throw new CodeDeadlineException(deadline.Limit);
        }
    }

    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource _timeout;
        private readonly CancellationTokenSource _either;

        public Deadline(TimeSpan limit, TimeProvider time, CancellationToken stopping)
        {
            Limit = limit;
            _timeout = new CancellationTokenSource(limit, time);
            // While the host stops, a call that returns at once still succeeds.
            _either = stopping.IsCancellationRequested
                ? CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token)
                : CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, stopping);
        }

        public TimeSpan Limit { get; }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _timeout.Dispose();
        }
    }
}

/// <summary>Thrown if a call of plugin code was written off. Holds only strings.</summary>
internal sealed class CodeDeadlineException(TimeSpan limit)
    : Exception($"It did not return within {limit.TotalSeconds:0.#} s, so its thread was written off.");
