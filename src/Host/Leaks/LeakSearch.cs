using System.Collections.Immutable;
using Microsoft.Diagnostics.Runtime;

namespace Sluice.Host.Leaks;

/// <summary>
/// Searches one snapshot for what keeps a plugin alive: threads that run its code, and paths from the garbage collector's roots to it.
/// </summary>
/// <param name="runtime">The runtime in the snapshot.</param>
/// <param name="path">A part of the path that the plugin's assemblies were loaded from.</param>
internal sealed class LeakSearch(ClrRuntime runtime, string path)
{
    private const int MostPaths = 5;

    private readonly LeakDescription _description = new(runtime);
    private readonly Dictionary<ulong, bool> _isPluginType = [];

    /// <summary>Finds the paths, each starting at its root; empty if nothing holds the plugin.</summary>
    public ImmutableArray<ImmutableArray<string>> Run(CancellationToken cancellationToken)
    {
        var contexts = LoaderAllocators();
        return contexts.Count == 0 ? [] : [.. Threads(), .. Paths(contexts, cancellationToken).DistinctBy(Holder).Take(MostPaths)];
    }

    // Every object of a collectible assembly refers to the object that keeps the assembly alive; its type knows where that is.
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

    // An object of a plugin type, or of a host's generic type over one, keeps the context alive without a field that refers to it.
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

    // The collector keeps the assembly of every method on a stack alive, whether or not an object of it is in use there.
    private IEnumerable<ImmutableArray<string>> Threads() =>
        from thread in runtime.Threads
        let frames = thread.EnumerateStackTrace().Select(frame => frame.Method).OfType<ClrMethod>().Where(method => IsPlugin(method.Type?.Module)).ToList()
        where frames.Count > 0
        select _description.OfThread(thread, frames);

    // Breadth first, so that each path is a shortest one: hundreds of paths lead from any root to any object of a host. Objects beyond an
    // object of the plugin are of no interest.
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
                    // One path for each object that refers to the plugin, however many references it has.
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

    // Several roots lead to one holder: the plugin's object and the object that refers to it.
    private static string Holder(ImmutableArray<string> way) => string.Join('\n', way[Math.Max(1, way.Length - 2)..]);

    // Listed one by one: .NET has handle kinds that ClrMD does not know and treats as strong. Among them are the weak interior pointers to
    // the statics of collectible types, which lead to every plugin in memory.
    private static bool HoldsAlive(ClrRoot root) => root.RootKind
        is ClrRootKind.Stack or ClrRootKind.FinalizerQueue or ClrRootKind.StrongHandle or ClrRootKind.PinnedHandle
        or ClrRootKind.AsyncPinnedHandle or ClrRootKind.SizedRefHandle or ClrRootKind.RefCountedHandle;
}
