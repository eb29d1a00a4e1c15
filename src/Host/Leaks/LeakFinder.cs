using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.Runtime;

namespace Sluice.Host.Leaks;

/// <summary>Says what holds a plugin in memory: looks through a snapshot of this process for the ways from a root to the plugin's load context.</summary>
/// <remarks>
/// The snapshot is a dump that the runtime writes of itself into the temporary folder, as large as the heap, deleted when it was read. The process
/// stands still while it is written.
/// </remarks>
internal static class LeakFinder
{
    private const int MostPaths = 3;
    private const int LongestPath = 40;

    /// <summary>The ways, each from its root on; empty where nothing holds it any more.</summary>
    /// <param name="hash">The hash of the plugin's content: the name of the folder that its assemblies were loaded from.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="LeakSearchException">No snapshot can be made or read here.</exception>
    public static ImmutableArray<ImmutableArray<string>> Find(string hash, CancellationToken cancellationToken)
    {
        try
        {
            KeepReader();
            using var target = DataTarget.CreateSnapshotAndAttach(Environment.ProcessId);
            using var runtime = target.ClrVersions.Single().CreateRuntime();
            return Find(runtime, hash, cancellationToken);
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

    private static ImmutableArray<ImmutableArray<string>> Find(ClrRuntime runtime, string hash, CancellationToken cancellationToken)
    {
        var contexts = LoaderAllocatorsOf(runtime, hash);
        if (contexts.Count == 0)
        {
            return [];
        }

        var roots = new GCRoot(runtime.Heap, item => contexts.Contains(item.Address));
        return [.. roots.EnumerateRootPaths(cancellationToken).Take(MostPaths).Select(found => Describe(runtime.Heap, found.Root, found.Path))];
    }

    // Every object of a collectible assembly refers to the one that keeps the assembly alive; the type knows where that is.
    private static HashSet<ulong> LoaderAllocatorsOf(ClrRuntime runtime, string hash)
    {
        var types = from module in runtime.EnumerateModules()
                    where module.Name?.Contains(hash, StringComparison.OrdinalIgnoreCase) == true
                    from type in module.EnumerateTypeDefToMethodTableMap()
                    select runtime.GetTypeByMethodTable(type.MethodTable);
        return
        [
            .. types.Where(type => type is { IsCollectible: true, LoaderAllocatorHandle: not 0 })
                .Select(type => runtime.DataTarget.DataReader.ReadPointer(type!.LoaderAllocatorHandle)).Where(address => address != 0),
        ];
    }

    private static ImmutableArray<string> Describe(ClrHeap heap, ClrRoot root, GCRoot.ChainLink path)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.Add($"root: {root.RootKind}");
        for (var link = path; link is not null && lines.Count < LongestPath; link = link.Next)
        {
            var item = heap.GetObject(link.Object);
            var field = link.Next is { } next
                ? item.EnumerateReferencesWithFields(carefully: false, considerDependantHandles: true)
                    .Where(reference => reference.Object.Address == next.Object).Select(reference => reference.Field?.Name).FirstOrDefault()
                : null;
            lines.Add(field is null ? TypeName(item) : $"{TypeName(item)}.{field}");
        }

        return lines.DrainToImmutable();
    }

    private static string TypeName(ClrObject item) => item.Type?.Name ?? "?";
}

/// <summary>What holds a plugin can't be found out here; the message says why.</summary>
internal sealed class LeakSearchException(string message, Exception cause) : Exception(message, cause);
