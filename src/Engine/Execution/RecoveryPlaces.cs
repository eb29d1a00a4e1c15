using System.Diagnostics.CodeAnalysis;

namespace Sluice.Engine.Execution;

/// <summary>Bounds how many runs that were taken over are active at once. Places are reserved for a whole batch, so that one commit takes over all of it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A run may leave, and free its place, after recovery has stopped.")]
internal sealed class RecoveryPlaces(int max)
{
    private readonly SemaphoreSlim _free = new(max, max);

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

    /// <summary>Gives a reserved place to a run: disposing it frees the place.</summary>
    public IDisposable Occupy() => new Place(this);

    /// <summary>Gives back places that were reserved and not occupied.</summary>
    public void Return(int count)
    {
        if (count > 0)
        {
            _free.Release(count);
        }
    }

    private sealed class Place(RecoveryPlaces places) : IDisposable
    {
        private RecoveryPlaces? _places = places;

        // Once, however often it is disposed.
        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Return(1);
    }
}
