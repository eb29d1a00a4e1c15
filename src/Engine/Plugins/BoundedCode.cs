namespace Sluice.Engine.Plugins;

/// <summary>Calls the code of one plugin version that takes no cancellation: its checks, its ports, its disposal. Each call has a deadline.</summary>
/// <param name="threads">Where the calls run.</param>
/// <param name="limit">How long a call may take.</param>
/// <param name="writtenOff">Counts the calls of this version that missed it.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the host stops: nobody waits any longer then.</param>
internal sealed class BoundedCode(PluginThreads threads, TimeSpan limit, WrittenOff writtenOff, TimeProvider time, CancellationToken stopping)
{
    /// <summary>The limit of further calls once one was written off, and of all calls while the host stops: a hundred workflows may ask the same node in turn.</summary>
    public static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(1);

    public WrittenOff WrittenOff => writtenOff;

    private TimeSpan Limit => limit > ShortLimit && (stopping.IsCancellationRequested || writtenOff.Count > 0) ? ShortLimit : limit;

    /// <summary>Runs code that lets no exception of the plugin's out.</summary>
    /// <exception cref="CodeDeadlineException">It did not return in time; its thread is written off.</exception>
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

    /// <summary>Runs asynchronous code and waits until it has completed.</summary>
    /// <exception cref="CodeDeadlineException">It did not complete in time; it is written off.</exception>
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
            // While the host stops, a call that returns at once still gets through.
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

/// <summary>A call of plugin code was written off. Holds text only.</summary>
internal sealed class CodeDeadlineException(TimeSpan limit)
    : Exception($"It did not return within {limit.TotalSeconds:0.#} s, so its thread was written off.");
