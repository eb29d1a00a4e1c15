using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Sluice.Sdk.Testing;

/// <summary>A responder that records replies. As in a host, only the first one is sent; later ones get the reason.</summary>
public sealed class RecordingResponder : IResponder
{
    private readonly ConcurrentQueue<Reply> _offered = new();
    private int _claimed;

    /// <summary>Why no reply is sent, for example because the caller has disconnected. Null, the default, sends the first reply.</summary>
    public string? NobodyWaits { get; init; }

    /// <summary>Returns the rule of the host that a reply breaks, or null to accept it. By default, all replies are accepted.</summary>
    public Func<Reply, string?> Refuse { get; init; } = _ => null;

    /// <summary>The accepted replies, in order, including those that were not sent.</summary>
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
