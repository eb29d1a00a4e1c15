using Sluice.Engine.Checking;

namespace Sluice.Engine.Publishing;

/// <summary>Compiles versions that are no longer live, for the runs that started with them, and caches the last few.</summary>
internal sealed class OlderVersions(IWorkflowStore store, PinnedChecker checker)
{
    private const int MostKept = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, int Version), CheckedWorkflow> _kept = [];
    private readonly Queue<(string Name, int Version)> _oldestFirst = new();

    /// <summary>Returns a version, compiled or with its current problems; null if there is none.</summary>
    public async ValueTask<CheckedWorkflow?> FindAsync(string name, int version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue((name, version), out var kept))
            {
                return kept;
            }
        }

        if (await store.FindAsync(name, version, cancellationToken) is not { } stored)
        {
            return null;
        }

        var found = checker.CheckNow(stored).Check;
        if (found.Compiled is not null)
        {
            Keep((name, version), found);
        }

        return found;
    }

    /// <summary>Clears the cache; the next lookup compiles again.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _kept.Clear();
            _oldestFirst.Clear();
        }
    }

    private void Keep((string Name, int Version) key, CheckedWorkflow found)
    {
        lock (_gate)
        {
            if (!_kept.TryAdd(key, found))
            {
                return;
            }

            _oldestFirst.Enqueue(key);
            if (_oldestFirst.Count > MostKept)
            {
                _kept.Remove(_oldestFirst.Dequeue());
            }
        }
    }
}
