using Microsoft.Extensions.ObjectPool;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Journal;

/// <summary>A commit queue whose writer is the test.</summary>
internal sealed class HandWriter : ICommitQueue
{
    public Queue<RunLog> Queue { get; } = [];

    public ObjectPool<EntryBuffer> Buffers { get; } = EntryBuffer.NewPool();

    public bool IsWritable => true;

    public bool IsLost => false;

    public Task WritableAgain { get; } = new TaskCompletionSource().Task;

    public PendingWrite TakeNext() => Queue.Dequeue().Take()!;

    public bool IsWriterThread => false;

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
}
