using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Plugins;

/// <summary>Detects a plugin change that takes far longer than every deadline; all later changes wait for it.</summary>
/// <param name="patience">The maximum time of one change.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives one error for each such change.</param>
internal sealed class ManagementWatch(TimeSpan patience, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<Operation, bool> _stuck = new();

    /// <summary>Whether a change is overdue.</summary>
    public bool IsStuck => !_stuck.IsEmpty;

    /// <summary>Starts a change, which ends when the result is disposed.</summary>
    /// <param name="what">The change, to follow "plugin management is busy with".</param>
    public IDisposable Begin(string what) => new Operation(this, what);

    private sealed class Operation : IDisposable
    {
        private readonly ManagementWatch _watch;
        private readonly string _what;
        private readonly Lock _gate = new();
        private readonly ITimer _timer;
        private bool _isOver;

        public Operation(ManagementWatch watch, string what)
        {
            _watch = watch;
            _what = what;
            _timer = watch.Time.CreateTimer(static change => ((Operation)change!).NoteStuck(), this, watch.Patience, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isOver = true;
                if (_watch._stuck.TryRemove(this, out _))
                {
                    _watch.Logger.LogInformation("Plugin management is no longer stuck: {What} ended", _what);
                }
            }

            _timer.Dispose();
        }

        private void NoteStuck()
        {
            lock (_gate)
            {
                if (!_isOver && _watch._stuck.TryAdd(this, true))
                {
                    _watch.Logger.LogError(
                        "Plugin management has been busy with {What} for {Seconds} s: no plugin is added, swapped or removed until that ends. /readyz says so",
                        _what, _watch.Patience.TotalSeconds);
                }
            }
        }
    }

    private TimeSpan Patience => patience;

    private TimeProvider Time => time;

    private ILogger Logger => logger;
}
