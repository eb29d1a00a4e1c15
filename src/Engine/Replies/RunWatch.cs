using Sluice.Engine.Journal;
using Sluice.Engine.Threading;

namespace Sluice.Engine.Replies;

/// <summary>Wakes callers that wait for progress of any run: its reply is durable, or it has ended or paused.</summary>
internal sealed class RunWatch
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, Watched> _watched = [];
    private int _count;

    /// <summary>The number of watched runs.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Watches a run from now on. To miss nothing, read the journal after this call. Dispose the watcher when done.</summary>
    public Watcher Watch(RunId run)
    {
        lock (_gate)
        {
            if (!_watched.TryGetValue(run, out var watched))
            {
                _watched.Add(run, watched = new Watched());
                _count++;
            }

            watched.Watchers++;
            return new Watcher(this, run);
        }
    }

    /// <summary>Signals that a run has made progress. Costs almost nothing while nobody watches.</summary>
    public void Tell(RunId run)
    {
        if (Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            _watched.GetValueOrDefault(run)?.Change.Signal();
        }
    }

    private Task Change(RunId run)
    {
        lock (_gate)
        {
            return _watched[run].Change.Next;
        }
    }

    private void Leave(RunId run)
    {
        lock (_gate)
        {
            if (--_watched[run].Watchers == 0)
            {
                _watched.Remove(run);
                _count--;
            }
        }
    }

    private sealed class Watched
    {
        public int Watchers;
        public Recurrence Change { get; } = new();
    }

    /// <summary>Watches a run until disposed.</summary>
    internal readonly struct Watcher(RunWatch watch, RunId run) : IDisposable
    {
        /// <summary>Completes at the next progress of the run.</summary>
        public Task NextAsync() => watch.Change(run);

        public void Dispose() => watch.Leave(run);
    }
}
