using System.Threading.Channels;

namespace Sluice.Engine.Threading;

/// <summary>Wakes one waiter. However often it is set before a wait, it wakes once.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _set.Writer.TryWrite(true);

    public void Reset() => _set.Reader.TryRead(out _);

    /// <summary>Waits until it is set, and resets it. False if that takes longer than a time span.</summary>
    public async Task<bool> IsSetWithinAsync(TimeSpan span, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(span, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _set.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
