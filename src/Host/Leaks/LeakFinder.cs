using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.Runtime;

namespace Sluice.Host.Leaks;

/// <summary>
/// Finds what keeps a plugin in memory: searches a snapshot of this process for paths from a root to the plugin's load context.
/// </summary>
/// <remarks>
/// The runtime writes the snapshot, a dump as large as the heap, to the temporary folder; it is deleted after it is read. The process is
/// paused while it is written.
/// </remarks>
internal static class LeakFinder
{
    /// <summary>Finds the paths, each starting at its root; empty if nothing holds the plugin any more.</summary>
    /// <param name="path">A part of the path that the plugin's assemblies were loaded from, such as the plugin's content hash.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="LeakSearchException">A snapshot can't be created or read here.</exception>
    public static ImmutableArray<ImmutableArray<string>> Find(string path, CancellationToken cancellationToken)
    {
        try
        {
            KeepReader();
            using var target = DataTarget.CreateSnapshotAndAttach(Environment.ProcessId);
            using var runtime = target.ClrVersions.Single().CreateRuntime();
            return new LeakSearch(runtime, path).Run(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // ClrMD has no exception of its own for what an operating system does not allow.
            throw new LeakSearchException($"A snapshot of this process cannot be created or read here ({exception.Message.TrimEnd('.')}).", exception);
        }
    }

    // The runtime's dump reader registers a callback for the end of each thread it ran on. ClrMD unloads the reader when it is done, and
    // the end of such a thread, seconds or hours later, would crash the process. Loading it once more keeps it in memory.
    private static void KeepReader()
    {
        var name = OperatingSystem.IsWindows() ? "mscordaccore.dll" : OperatingSystem.IsMacOS() ? "libmscordaccore.dylib" : "libmscordaccore.so";
        NativeLibrary.TryLoad(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), name), out _);
    }
}

/// <summary>The cause of a leak can't be determined here; the message says why.</summary>
internal sealed class LeakSearchException(string message, Exception cause) : Exception(message, cause);
