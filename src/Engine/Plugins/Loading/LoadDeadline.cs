namespace Sluice.Engine.Plugins.Loading;

/// <summary>The time that one plugin has for all of its loading: to be read, copied, loaded, constructed, described, checked and tried.</summary>
/// <remarks>A plugin that misses it is rejected. Its calls that still run are written off: nothing waits for them.</remarks>
internal sealed class LoadDeadline : IDisposable
{
    /// <summary>The rule that a plugin breaks by taking longer.</summary>
    public const string Rule = "deadline";

    /// <summary>The limit if none is configured.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    private readonly PluginThreads _threads;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;
    private readonly CancellationTokenSource _unwanted;

    /// <param name="threads">Where the plugin's code runs.</param>
    /// <param name="limit">How long all of it may take; infinite where the caller has a bound of its own.</param>
    /// <param name="writtenOff">Counts the plugin's calls that missed it.</param>
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

    /// <summary>The plugin; null before that is known.</summary>
    public PluginIdentity? Plugin { get; set; }

    /// <summary>Dies when the plugin's code is gone from memory; null if it never was there.</summary>
    public WeakReference? Trace { get; set; }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Runs one part of the loading.</summary>
    /// <param name="what">What it is, to begin a sentence with: "The constructor of Acme.Weather".</param>
    /// <param name="cure">What to do if it takes too long; a sentence.</param>
    /// <param name="code">The part; it lets no exception of the plugin's own out.</param>
    /// <param name="late">What to do with a result that comes too late.</param>
    /// <exception cref="PluginRejectedException">The time is over.</exception>
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

    /// <summary>Runs a part that has a shorter time limit of its own, and may be asynchronous.</summary>
    /// <param name="patience">The time limit of this part.</param>
    /// <param name="code">The part; it lets no exception of the plugin's own out.</param>
    /// <returns>False if it was not done in its own time.</returns>
    /// <inheritdoc cref="RunAsync{T}" path="/param"/>
    /// <exception cref="PluginRejectedException">The time for the whole plugin is over.</exception>
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

    /// <summary>The exception for a part that did not end in time: a cancellation if the plugin is no longer wanted, else a rejection.</summary>
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
