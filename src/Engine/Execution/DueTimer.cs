using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Wakes suspended runs: one timer for all of them, set to the first time at which one is due.</summary>
/// <remarks>The times are in the journal; nothing is kept of a suspended run in memory.</remarks>
internal sealed class DueTimer : IAsyncDisposable
{
    // The longest that a timer of the platform waits; a longer wait is waited in pieces.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    // After a look that failed.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IRunStore _runs;
    private readonly TimeProvider _time;
    private readonly Func<DateTimeOffset, CancellationToken, Task> _takeDue;
    private readonly ILogger _log;
    private readonly CancellationToken _stopping;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _oneLook = new(1, 1);
    private readonly ITimer _timer;
    private DateTimeOffset _next = DateTimeOffset.MaxValue;
    private bool _isAsked;

    /// <param name="runs">Holds the times.</param>
    /// <param name="takeDue">Takes over the runs that are due at a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Receives the failures.</param>
    /// <param name="stopping">Cancelled when the host stops.</param>
    public DueTimer(IRunStore runs, Func<DateTimeOffset, CancellationToken, Task> takeDue, TimeProvider time, ILogger log, CancellationToken stopping)
    {
        _runs = runs;
        _takeDue = takeDue;
        _time = time;
        _log = log;
        _stopping = stopping;
        _timer = time.CreateTimer(static timer => ((DueTimer)timer!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A run is due at a time: the timer is set to it if it is the first.</summary>
    public void Expect(DateTimeOffset at)
    {
        lock (_gate)
        {
            if (at < _next)
            {
                _next = at;
                Set(at - _time.GetUtcNow());
            }
        }
    }

    /// <summary>Starts a look for runs that are due and returns at once. However often it is called during a look, one more follows.</summary>
    public void Look()
    {
        if (!Interlocked.Exchange(ref _isAsked, true))
        {
            _ = LookAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        // A look that has begun comes to its end, which is soon: the token is cancelled.
        await _oneLook.WaitAsync(CancellationToken.None);
        _oneLook.Release();
    }

    private async Task LookAsync()
    {
        // The caller may be the journal's writer, which must not wait.
        await Task.Yield();
        await _oneLook.WaitAsync(CancellationToken.None);
        // What comes from here on may be missed by this look.
        Volatile.Write(ref _isAsked, false);
        try
        {
            lock (_gate)
            {
                // From here on an expected time sets the timer again, also during the look.
                _next = DateTimeOffset.MaxValue;
            }

            var now = _time.GetUtcNow();
            await _takeDue(now, _stopping);
            if (await _runs.NextDueAsync(now, _stopping) is { } next)
            {
                Expect(next);
            }
        }
        catch (OperationCanceledException)
        {
            _log.LogDebug("The host stops: runs that become due continue at the next start.");
        }
        catch (Exception failure)
        {
            _log.Log(
                failure is JournalUnavailableException ? LogLevel.Information : LogLevel.Error, failure, "Runs that are due can't be looked up; the next look is in a second.");
            Expect(_time.GetUtcNow() + Pause);
        }
        finally
        {
            _oneLook.Release();
        }
    }

    // Rounded up to the timer's unit: none fires early.
    private void Set(TimeSpan left) => _timer.Change(
        left <= TimeSpan.Zero ? TimeSpan.Zero : left >= LongestWait ? LongestWait : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)),
        Timeout.InfiniteTimeSpan);
}
