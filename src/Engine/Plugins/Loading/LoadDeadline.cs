namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// The deadline of one plugin for all steps of loading: to be read, copied, loaded, constructed, described, checked and tried.
/// </summary>
/// <remarks>A plugin that misses it is rejected. Calls that still run are written off and no longer awaited.</remarks>
internal sealed class LoadDeadline : IDisposable
{
    /// <summary>The rule that a plugin breaks by missing the deadline.</summary>
    public const string Rule = "deadline";

    /// <summary>The limit if none is configured.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    private readonly PluginThreads _threads;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;
    private readonly CancellationTokenSource _unwanted;

    /// <param name="threads">The threads that run the plugin's code.</param>
    /// <param name="limit">The time limit for everything; infinite if the caller has its own.</param>
    /// <param name="writtenOff">Counts the plugin's calls that missed the deadline.</param>
    /// <param name="time">The clock.</param>
    /// <param name="unwanted">Tokens that are cancelled when the plugin is no longer wanted.</param>
    public LoadDeadline(PluginThreads threads, TimeSpan limit, WrittenOff writtenOff, TimeProvider time, params CancellationToken[] unwanted)
    {
        _threads = threads;
        _limit = limit;
        _time = time;
        WrittenOff = writtenOff;
        _timeout = new CancellationTokenSource(limit, time);
        _unwanted = CancellationTokenSource.CreateLinkedTokenSource([CancellationToken.None, .. unwanted]);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, _unwanted.Token);
    }

    public WrittenOff WrittenOff { get; }

    /// <summary>The plugin; null until it is known.</summary>
    public PluginIdentity? Plugin { get; set; }

    /// <summary>Refers to the plugin's code until it leaves memory; null if it was never loaded.</summary>
    public WeakReference? Trace { get; set; }

    /// <summary>Cancelled at the deadline.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Runs one step of loading.</summary>
    /// <param name="what">The step, as the start of a sentence: "The constructor of Acme.Weather".</param>
    /// <param name="cure">What to do if it takes too long, as a sentence.</param>
    /// <param name="code">The step. It must not throw exceptions of the plugin.</param>
    /// <param name="late">Handles a result that comes too late.</param>
    /// <exception cref="PluginRejectedException">The deadline has passed.</exception>
    public async Task<T> RunAsync<T>(string what, string cure, Func<T> code, Action<T>? late = null)
    {
        try
        {
            return await _threads.RunAsync(code, WrittenOff, Token, late);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            throw Missed(what, cure);
        }
    }

    /// <summary>Runs a step with a shorter time limit of its own, which may be asynchronous.</summary>
    /// <param name="patience">The time limit of this step.</param>
    /// <param name="code">The step. It must not throw exceptions of the plugin.</param>
    /// <returns>False if the step exceeded its own limit.</returns>
    /// <inheritdoc cref="RunAsync{T}" path="/param"/>
    /// <exception cref="PluginRejectedException">The deadline of the whole plugin has passed.</exception>
    public async Task<(bool IsDone, T? Result)> TryAsync<T>(string what, string cure, TimeSpan patience, Func<Task<T>> code)
    {
        using var own = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(own.Token, Token);
        try
        {
            var rest = await _threads.RunAsync(code, WrittenOff, either.Token);
            return (true, await WrittenOff.WaitAsync(rest, either.Token));
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            throw Missed(what, cure);
        }
        catch (OperationCanceledException)
        {
            return (false, default);
        }
    }

    /// <summary>
    /// Creates the exception for a step that missed the deadline: a cancellation if the plugin is no longer wanted, otherwise a rejection.
    /// </summary>
    public Exception Missed(string what, string cure) => _unwanted.IsCancellationRequested
        ? new OperationCanceledException(_unwanted.Token)
        : new PluginRejectedException(
            Rule, $"{what} did not end within {_limit.TotalSeconds:0.#} s, the time limit for loading a plugin (Plugins:LoadTimeoutSeconds). {cure}");

    public void Dispose()
    {
        _either.Dispose();
        _unwanted.Dispose();
        _timeout.Dispose();
    }
}
