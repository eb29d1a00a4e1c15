namespace Sluice.Engine.Journal;

/// <summary>
/// Tells everybody who waited for one commit, on a few pool threads: waking a thread for each of them would cost more than what they do then.
/// </summary>
internal sealed class Settlement(PendingWrite[] writes) : IThreadPoolWorkItem
{
    // Below this, one thread has told them all before a second one is awake.
    private const int WorthDividing = 16;

    /// <summary>Has these writes' observers told, soon. The writes are settled.</summary>
    public static void Begin(List<PendingWrite> writes)
    {
        if (writes.Count == 0)
        {
            return;
        }

        var pieces = writes.Count >= WorthDividing ? Environment.ProcessorCount : 1;
        var size = (writes.Count + pieces - 1) / pieces;
        for (var from = 0; from < writes.Count; from += size)
        {
            var piece = new PendingWrite[Math.Min(size, writes.Count - from)];
            writes.CopyTo(from, piece, 0, piece.Length);
            ThreadPool.UnsafeQueueUserWorkItem(new Settlement(piece), preferLocal: false);
        }
    }

    public void Execute()
    {
        foreach (var write in writes)
        {
            write.Tell();
        }
    }
}
