using Sluice.Engine.Journal;

namespace Sluice.Engine.Replies;

/// <summary>Wakes those who wait for a run to come further, whoever began it: its reply is durable, or it has left off.</summary>
internal sealed class RunWatch
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, Watched> _watched = [];
    private int _count;

    /// <summary>How many runs somebody watches.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Watches a run from now on. The caller looks at the journal after this, so that nothing happens unseen in between, and disposes it.</summary>
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

    /// <summary>Says that a run has come further. Costs next to nothing while nobody watches any.</summary>
    public void Tell(RunId run)
    {
        if (Count == 0)
        {
            return;
        }

        TaskCompletionSource? change = null;
        lock (_gate)
        {
            if (_watched.TryGetValue(run, out var watched))
            {
                change = watched.Change;
                watched.Change = NewChange();
            }
        }

        change?.SetResult();
    }

    private Task Change(RunId run)
    {
        lock (_gate)
        {
            return _watched[run].Change.Task;
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

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Watched
    {
        public int Watchers;
        public TaskCompletionSource Change = NewChange();
    }

    /// <summary>One who watches a run, until disposed.</summary>
    internal readonly struct Watcher(RunWatch watch, RunId run) : IDisposable
    {
        /// <summary>Completes when the run next comes further.</summary>
        public Task NextAsync() => watch.Change(run);

        public void Dispose() => watch.Leave(run);
    }
}
