using System.Runtime.InteropServices;

namespace Sluice.Host.Listening;

/// <summary>Asks the system to prefer a thread: one that does little, and that others must not keep waiting.</summary>
/// <remarks>The runtime ignores <see cref="Thread.Priority"/> on Linux, where each thread has a nice value of its own.</remarks>
internal static partial class UrgentThread
{
    private const int Process = 0;
    private const int Nice = -20;

    /// <summary>Has the calling thread preferred, where the system lets this process do so (CAP_SYS_NICE, LimitNICE).</summary>
    public static void Become()
    {
        if (OperatingSystem.IsLinux())
        {
            // Of the process 0, Linux takes the calling thread alone. Refused, nothing changes.
            _ = SetPriority(Process, 0, Nice);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Highest;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
