using System.Collections.Concurrent;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Bounds how many runs that were taken over are walked at once. Places are reserved for a whole batch, so that one commit takes over all of it.</summary>
internal sealed class RecoveryPlaces(int max) : IDisposable
{
    private readonly SemaphoreSlim _free = new(max, max);
    private readonly ConcurrentDictionary<RunId, bool> _occupied = new();

    /// <summary>The most runs of one batch: half of the places, so that half of them work while a batch is taken over.</summary>
    public int BatchSize { get; } = Math.Max(1, max / 2);

    /// <summary>Waits until a place is free, and reserves it and the others that are free then; returns how many.</summary>
    /// <param name="most">The most places that are reserved.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<int> ReserveAsync(int most, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        var reserved = 1;
        // Nobody holds places that are free while it waits for more.
        while (reserved < most && await _free.WaitAsync(TimeSpan.Zero, CancellationToken.None))
        {
            reserved++;
        }

        return reserved;
    }

    /// <summary>Gives a reserved place to a run.</summary>
    public void Occupy(RunId run) => _occupied[run] = true;

    /// <summary>Takes the place of a run that could not be continued back: it is reserved again.</summary>
    public void Withdraw(RunId run) => _occupied.TryRemove(run, out _);

    /// <summary>Frees the place of a run that has left; no effect if it has none.</summary>
    public void Vacate(RunId run) => Return(_occupied.TryRemove(run, out _) ? 1 : 0);

    /// <summary>Gives back places that were reserved and not occupied.</summary>
    public void Return(int count)
    {
        if (count > 0)
        {
            _free.Release(count);
        }
    }

    public void Dispose() => _free.Dispose();
}
