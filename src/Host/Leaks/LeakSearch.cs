using System.Collections.Immutable;
using Microsoft.Diagnostics.Runtime;

namespace Sluice.Host.Leaks;

/// <summary>Searches one snapshot for what keeps a plugin alive: the threads that run its code, and the ways from the collector's roots to it.</summary>
/// <param name="runtime">The runtime in the snapshot.</param>
/// <param name="path">A part of the path that the plugin's assemblies were loaded from.</param>
internal sealed class LeakSearch(ClrRuntime runtime, string path)
{
    private const int MostPaths = 5;

    private readonly LeakDescription _description = new(runtime);
    private readonly Dictionary<ulong, bool> _isPluginType = [];

    /// <summary>The ways, each from its root on; empty where nothing holds the plugin.</summary>
    public ImmutableArray<ImmutableArray<string>> Run(CancellationToken cancellationToken)
    {
        var contexts = LoaderAllocators();
        return contexts.Count == 0 ? [] : [.. Threads(), .. Paths(contexts, cancellationToken).DistinctBy(Holder).Take(MostPaths)];
    }

    // Every object of a collectible assembly refers to the one that keeps the assembly alive; the type knows where that is.
    private HashSet<ulong> LoaderAllocators()
    {
        var types = from module in runtime.EnumerateModules()
                    where IsPlugin(module)
                    from type in module.EnumerateTypeDefToMethodTableMap()
                    select runtime.GetTypeByMethodTable(type.MethodTable);
        return
        [
            .. types.OfType<ClrType>().Select(LoaderAllocatorOf).Where(address => address != 0),
        ];
    }

    private ulong LoaderAllocatorOf(ClrType type) => type is { IsCollectible: true, LoaderAllocatorHandle: not 0 } ? runtime.DataTarget.DataReader.ReadPointer(type.LoaderAllocatorHandle) : 0;

    // An object of the plugin's own, or of a host's generic type over one of its types, holds the context without a field that says so.
    private bool IsTarget(ClrObject item, HashSet<ulong> contexts)
    {
        if (contexts.Contains(item.Address) || item.Type is not { } type)
        {
            return contexts.Contains(item.Address);
        }

        if (!_isPluginType.TryGetValue(type.MethodTable, out var isPluginType))
        {
            _isPluginType[type.MethodTable] = isPluginType = contexts.Contains(LoaderAllocatorOf(type));
        }

        return isPluginType;
    }

    private bool IsPlugin(ClrModule? module) => module?.Name?.Contains(path, StringComparison.OrdinalIgnoreCase) == true;

    // The collector holds the assembly of every method on a stack, whether an object of it is in use there or not.
    private IEnumerable<ImmutableArray<string>> Threads() =>
        from thread in runtime.Threads
        let frames = thread.EnumerateStackTrace().Select(frame => frame.Method).OfType<ClrMethod>().Where(method => IsPlugin(method.Type?.Module)).ToList()
        where frames.Count > 0
        select _description.OfThread(thread, frames);

    // Breadth first, so that each way is a shortest one: any object of a host can be reached from any root by hundreds of others. What lies beyond an
    // object of the plugin is of no interest.
    private IEnumerable<ImmutableArray<string>> Paths(HashSet<ulong> contexts, CancellationToken cancellationToken)
    {
        var roots = new Dictionary<ulong, ClrRoot>();
        var referrers = new Dictionary<ulong, ulong>();
        var waiting = new Queue<ulong>();
        foreach (var root in runtime.Heap.EnumerateRoots().Where(root => HoldsAlive(root) && roots.TryAdd(root.Object, root)))
        {
            if (IsTarget(root.Object, contexts))
            {
                yield return _description.OfPath(root, [root.Object]);
            }
            else
            {
                waiting.Enqueue(root.Object);
            }
        }

        while (waiting.TryDequeue(out var address))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = false;
            foreach (var next in runtime.Heap.GetObject(address).EnumerateReferences(carefully: false, considerDependantHandles: true))
            {
                if (IsTarget(next, contexts))
                {
                    // One way for each object that refers to the plugin, however often it does.
                    if (!found)
                    {
                        yield return WayTo(next, address);
                    }

                    found = true;
                }
                else if (!roots.ContainsKey(next.Address) && referrers.TryAdd(next.Address, address))
                {
                    waiting.Enqueue(next.Address);
                }
            }
        }

        ImmutableArray<string> WayTo(ClrObject target, ulong referrer)
        {
            var links = new List<ClrObject> { target };
            for (var link = referrer; ; link = referrers[link])
            {
                links.Insert(0, runtime.Heap.GetObject(link));
                if (roots.TryGetValue(link, out var root))
                {
                    return _description.OfPath(root, links);
                }
            }
        }
    }

    // Several roots lead to one holder: the plugin's object and the one that refers to it.
    private static string Holder(ImmutableArray<string> way) => string.Join('\n', way[Math.Max(1, way.Length - 2)..]);

    // Named one by one: .NET has kinds of handles that ClrMD does not know and takes for strong, the weak interior pointers to the statics of collectible
    // types among them, which lead to every plugin that is in memory.
    private static bool HoldsAlive(ClrRoot root) => root.RootKind
        is ClrRootKind.Stack or ClrRootKind.FinalizerQueue or ClrRootKind.StrongHandle or ClrRootKind.PinnedHandle
        or ClrRootKind.AsyncPinnedHandle or ClrRootKind.SizedRefHandle or ClrRootKind.RefCountedHandle;
}
