using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;

namespace Sluice.Engine.Execution;

/// <summary>Says of each delivery under a key whether it is the first, and if not, which run is: one run a key, however many come at once.</summary>
/// <remarks>
/// Between the delivery and its run's first commit the claim is known here alone; from then on it is in the journal, where a key is unique. So two
/// hosts on one journal could both take a key for a moment, but only one of the runs would ever be durable, and nothing leaves the other.
/// </remarks>
internal sealed class Claims(IRunStore runs, StoredReplies answers, RunRecovery recovery)
{
    private readonly ConcurrentDictionary<(UInt128, UInt128), ClaimPlace> _places = new();

    /// <summary>How many keys are between a delivery and the commit of its run.</summary>
    public int PendingCount => _places.Count;

    /// <summary>
    /// Finds out whether a delivery is the first under its key. A run that failed before it replied, and whose failure is retryable, continues
    /// when its delivery comes again.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The journal can't be read or written now.</exception>
    public async ValueTask<Claimed> TakeAsync(Claim claim, CancellationToken cancellationToken)
    {
        var mine = new ClaimPlace(claim, place => _places.TryRemove(new(Hash(claim), place)));
        while (_places.GetOrAdd(Hash(claim), mine) is var place && place != mine)
        {
            if (await place.Holder.WaitAsync(cancellationToken) is { } held)
            {
                return new Claimed.Repeat(held, place.Durable);
            }
        }

        try
        {
            if (await runs.FindClaimAsync(claim.Key, cancellationToken) is not { } held)
            {
                return new Claimed.First(mine);
            }

            if (held.Matches(claim))
            {
                await ReviveAsync(held.Run, cancellationToken);
            }

            mine.GiveTo(held);
            return new Claimed.Repeat(held, mine.Durable);
        }
        catch
        {
            mine.Dispose();
            throw;
        }
    }

    private async ValueTask ReviveAsync(RunId run, CancellationToken cancellationToken)
    {
        if (await answers.FindAsync(run, cancellationToken) is { Acknowledgement: null, Answer: Answer.Failed { Failure.Retryable: true } })
        {
            await recovery.RetryAsync(run, cancellationToken);
        }
    }

    private static (UInt128, UInt128) Hash(Claim claim) =>
        (MemoryMarshal.Read<UInt128>(claim.Key), MemoryMarshal.Read<UInt128>(claim.Key.AsSpan(16)));
}

/// <summary>What came of a delivery under a key.</summary>
internal abstract record Claimed
{
    /// <summary>The first: it starts a run with this place, or disposes it.</summary>
    internal sealed record First(ClaimPlace Place) : Claimed;

    /// <summary>A repeat.</summary>
    /// <param name="Held">Which run holds the key.</param>
    /// <param name="Durable">Completes when that run is durable; false if it never will be.</param>
    internal sealed record Repeat(HeldClaim Held, Task<bool> Durable) : Claimed;
}

/// <summary>The place of one key until its run is durable. Other deliveries with the same key wait here.</summary>
internal sealed class ClaimPlace(Claim claim, Action<ClaimPlace> close) : IDurabilityObserver, IDisposable
{
    private readonly TaskCompletionSource<HeldClaim?> _holder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Claim Claim => claim;

    /// <summary>Which run holds the key; null if the place was given up without a run, so that the key is free again.</summary>
    public Task<HeldClaim?> Holder => _holder.Task;

    /// <summary>Whether the holder is durable; false if it never will be.</summary>
    public Task<bool> Durable => _durable.Task;

    /// <summary>A new run has the key. The place is notified whether the run became durable.</summary>
    public void Begin(RunId run) => _holder.TrySetResult(new HeldClaim(run, claim.Fingerprint));

    /// <summary>A run that is durable has the key.</summary>
    public void GiveTo(HeldClaim held)
    {
        _holder.TrySetResult(held);
        Close(isDurable: true);
    }

    public void OnSettled(Exception? failure) => Close(failure is null);

    /// <summary>Gives the place up if no run has started with it.</summary>
    public void Dispose()
    {
        if (_holder.TrySetResult(null))
        {
            Close(isDurable: false);
        }
    }

    private void Close(bool isDurable)
    {
        close(this);
        _durable.TrySetResult(isDurable);
    }
}
