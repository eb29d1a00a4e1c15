using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Plugins;

/// <summary>
/// Runs plugin code that is not cancellable outside of the thread pool: a thread that misses its deadline is written off, and the next call
/// gets another.
/// </summary>
/// <remarks>A pool thread is enough for code that returns; one that never returns would be lost to the pool forever.</remarks>
internal sealed class PluginThreads(ILogger logger)
{
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Queue<Action> _waiting = new();
    private int _idle;

    /// <summary>Runs code, and waits for it until a token is cancelled.</summary>
    /// <param name="code">The code. It must not throw exceptions of the plugin, which would keep the plugin in memory.</param>
    /// <param name="tally">Counts the call if it is written off.</param>
    /// <param name="deadline">Cancelled when the call must be written off.</param>
    /// <param name="late">Handles a result that is no longer awaited.</param>
    /// <exception cref="OperationCanceledException">The call was written off.</exception>
    public async Task<T> RunAsync<T>(Func<T> code, WrittenOff tally, CancellationToken deadline, Action<T>? late = null)
    {
        var call = Start(code, tally, late);
        await ((Task)call.Result).WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return call.TryWriteOff() ? throw new OperationCanceledException(deadline) : await call.Result;
    }

    /// <summary>The synchronous form, for callers that can't await: the contract of a node has synchronous members.</summary>
    /// <exception cref="OperationCanceledException">The call was written off.</exception>
    public T Run<T>(Func<T> code, WrittenOff tally, CancellationToken deadline)
    {
        var call = Start(code, tally, late: null);
        try
        {
            // A task and not an event, because the pool compensates for threads that wait for a task.
            Task.WaitAny([call.Result], deadline);
        }
        catch (OperationCanceledException)
        {
            // The next check decides whether the call was in time after all.
        }

        return call.TryWriteOff() ? throw new OperationCanceledException(deadline) : call.Result.GetAwaiter().GetResult();
    }

    private Call<T> Start<T>(Func<T> code, WrittenOff tally, Action<T>? late)
    {
        var call = new Call<T>(code, tally, late, logger);
        lock (_gate)
        {
            _waiting.Enqueue(call.Run);
            if (_waiting.Count <= _idle)
            {
                Monitor.Pulse(_gate);
                return call;
            }
        }

        // Unsafe: the caller's execution context must not flow to the plugin.
        new Thread(Work) { IsBackground = true, Name = "plugin code" }.UnsafeStart();
        return call;
    }

    private void Work()
    {
        while (TakeAndRun())
        {
        }
    }

    // Not inlined: a reference to a finished call, in the frame of a thread that waits for the next, would keep the plugin in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeAndRun()
    {
        if (Take() is not { } call)
        {
            return false;
        }

        // Each call has its own execution context, so that an AsyncLocal that it sets ends with it.
        ExecutionContext.Run(ExecutionContext.Capture()!, static call => ((Action)call!)(), call);
        return true;
    }

    private Action? Take()
    {
        lock (_gate)
        {
            _idle++;
            try
            {
                while (_waiting.Count == 0)
                {
                    if (!Monitor.Wait(_gate, LongestIdle) && _waiting.Count == 0)
                    {
                        return null;
                    }
                }

                return _waiting.Dequeue();
            }
            finally
            {
                _idle--;
            }
        }
    }

    /// <summary>One call, which ends once: by returning in time, or by being written off.</summary>
    private sealed class Call<T>(Func<T> code, WrittenOff tally, Action<T>? late, ILogger logger)
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isOver;

        public Task<T> Result => _result.Task;

        /// <summary>Writes the call off; false if it has already ended.</summary>
        public bool TryWriteOff()
        {
            if (Volatile.Read(ref _isOver) == 1)
            {
                return false;
            }

            // Counted first: the call may return at any moment, and decrements the count.
            tally.Add();
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                return true;
            }

            tally.Return();
            return false;
        }

        public void Run()
        {
            T value;
            try
            {
                value = code();
            }
            catch (Exception exception)
            {
                End(
                    () => _result.SetException(exception),
                    () => logger.LogDebug("A call of plugin code that was written off failed later: {Reason}", PluginFault.Of(exception)));
                return;
            }

            End(() => _result.SetResult(value), () => late?.Invoke(value));
        }

        private void End(Action inTime, Action tooLate)
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                inTime();
                return;
            }

            try
            {
                tooLate();
            }
            catch (Exception exception)
            {
                logger.LogError("Cleaning up after a call of plugin code that was written off failed: {Details}", PluginFault.Of(exception).Details);
            }
            finally
            {
                tally.Return();
            }
        }
    }
}
