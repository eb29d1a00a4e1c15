using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.Runtime;

namespace Sluice.Host.Leaks;

/// <summary>Finds out what holds a plugin in memory: looks through a snapshot of this process for the ways from a root to the plugin's load context.</summary>
/// <remarks>
/// The snapshot is a dump that the runtime writes of itself into the temporary folder, as large as the heap, deleted when it was read. The process
/// stands still while it is written.
/// </remarks>
internal static class LeakFinder
{
    /// <summary>The ways, each from its root on; empty where nothing holds it any more.</summary>
    /// <param name="path">A part of the path that the plugin's assemblies were loaded from, such as the hash of the plugin's content.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="LeakSearchException">No snapshot can be made or read here.</exception>
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
            // ClrMD has no exception of its own for what a system does not allow.
            throw new LeakSearchException($"No snapshot of this process can be made or read here ({exception.Message.TrimEnd('.')}).", exception);
        }
    }

    // The runtime's own reader of dumps leaves word with each thread it ran on, to be called when that thread ends. ClrMD unloads it when it is done, and
    // the end of such a thread, seconds or hours later, would be the end of the process. Loaded once more, it stays.
    private static void KeepReader()
    {
        var name = OperatingSystem.IsWindows() ? "mscordaccore.dll" : OperatingSystem.IsMacOS() ? "libmscordaccore.dylib" : "libmscordaccore.so";
        NativeLibrary.TryLoad(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), name), out _);
    }
}

/// <summary>What holds a plugin can't be found out here; the message says why.</summary>
internal sealed class LeakSearchException(string message, Exception cause) : Exception(message, cause);
