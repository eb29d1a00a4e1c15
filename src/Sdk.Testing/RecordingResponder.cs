using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Sluice.Sdk.Testing;

/// <summary>Takes the replies of a node as the host does: the first one is sent, every later one is told why it is not.</summary>
public sealed class RecordingResponder : IResponder
{
    private readonly ConcurrentQueue<Reply> _offered = new();
    private int _claimed;

    /// <summary>Why no reply is sent, as where the caller has gone; null by default, and then the first reply is sent.</summary>
    public string? NobodyWaits { get; init; }

    /// <summary>Which rule of the host a reply breaks; null where it breaks none, which is the default.</summary>
    public Func<Reply, string?> Refuse { get; init; } = _ => null;

    /// <summary>Every reply that was offered and not refused, in order.</summary>
    public ImmutableArray<Reply> Offered => [.. _offered];

    /// <inheritdoc/>
    public ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        cancellationToken.ThrowIfCancellationRequested();
        if (Refuse(reply) is { } rule)
        {
            throw new ReplyRefusedException(rule);
        }

        _offered.Enqueue(reply);
        if (NobodyWaits is not null)
        {
            return ValueTask.FromResult(new ReplyReceipt(false, NobodyWaits));
        }

        return ValueTask.FromResult(Interlocked.Exchange(ref _claimed, 1) == 0
            ? new ReplyReceipt(true)
            : new ReplyReceipt(false, "This run has replied already; a run replies once."));
    }
}
