using Microsoft.Extensions.ObjectPool;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Journal;

/// <summary>A journal whose writer is the test.</summary>
internal sealed class HandWriter : IJournal
{
    public Queue<RunLog> Queue { get; } = [];

    public ObjectPool<EntryBuffer> Buffers { get; } = EntryBuffer.NewPool();

    public bool IsWritable => true;

    public bool IsLost => false;

    public event Action? BecameWritable
    {
        add { }
        remove { }
    }

    public PendingWrite TakeNext() => Queue.Dequeue().Take()!;

    public bool IsOwnThread => false;

    /// <summary>How often it was told to hurry.</summary>
    public int Hurries { get; private set; }

    /// <summary>Whether it was told of each run in the queue that it can wait.</summary>
    public Queue<bool> Patience { get; } = [];

    public void Enqueue(RunLog log, bool canWait)
    {
        Queue.Enqueue(log);
        Patience.Enqueue(canWait);
    }

    public void Hurry() => Hurries++;

    public void WriteLoneRun() => throw new NotSupportedException();

    public void Tell(PendingWrite settled) => settled.Tell();

    public ValueTask<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RequestSummary>> ListRequestsAsync(RunFilter filter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunRecord>> UnfinishedAsync(RunId? after, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<RunProgress?> ProgressAsync(RunId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<HeldClaim?> FindClaimAsync(byte[] key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> RemoveSpentClaimsAsync(int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RunId>> QueuedAsync(RunId? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<int> CountQueuedAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<long?> TakeOverAsync(RunId id, long fence, CancellationToken cancellationToken) => throw new NotSupportedException();
}
