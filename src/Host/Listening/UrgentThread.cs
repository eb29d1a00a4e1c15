using System.Runtime.InteropServices;

namespace Sluice.Host.Listening;

/// <summary>Asks the system to prefer a thread: one that does little, and that others must not keep waiting.</summary>
/// <remarks>The runtime ignores <see cref="Thread.Priority"/> on Linux, where each thread has a nice value of its own.</remarks>
internal static partial class UrgentThread
{
    private const int Process = 0;
    private const int Nice = -20;

    // SCHED_OTHER with SCHED_RESET_ON_FORK. Without it, each thread and process that the thread creates would have its nice value, and the thread creates
    // some of the pool's.
    private const int OtherResetOnFork = 0x40000000;

    /// <summary>Has the calling thread preferred, where the system lets this process do so (CAP_SYS_NICE, LimitNICE).</summary>
    public static void Become()
    {
        if (OperatingSystem.IsLinux())
        {
            // Linux takes 0 for the calling thread alone. Refused, nothing changes.
            if (SetScheduler(0, OtherResetOnFork, 0) == 0)
            {
                _ = SetPriority(Process, 0, Nice);
            }
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Highest;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
