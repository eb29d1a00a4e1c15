namespace Sluice.Engine.Execution;

/// <summary>Runs work that must not run on its caller's thread. The tests have one that runs it in an order of their own.</summary>
internal interface IWorkScheduler
{
    /// <summary>Queues work, without the caller's execution context, and returns at once.</summary>
    /// <param name="work">The work.</param>
    /// <param name="preferLocal">Whether it rather continues on the thread of its caller, once that is free.</param>
    void Queue(IThreadPoolWorkItem work, bool preferLocal);
}

/// <summary>Runs work on the thread pool.</summary>
internal sealed class PoolScheduler : IWorkScheduler
{
    public static readonly PoolScheduler Instance = new();

    private PoolScheduler()
    {
    }

    public void Queue(IThreadPoolWorkItem work, bool preferLocal) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal);
}
