using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Verification;
using Sluice.Host.Leaks;

namespace Sluice.Sdk.Testing;

/// <summary>The law about unloading: after its last call, nothing keeps a plugin in memory.</summary>
internal static class UnloadLaw
{
    private const int Rounds = 12;

    // Each kind of call is tried alone, so that the message can name it.
    private static readonly ImmutableArray<(string Name, Action<INode, NodeExample> Call)> Kinds =
    [
        ("every example", (node, example) => Run(node, example.Config, isCancelled: example.NeedsNetwork)),
        ("a failure", (node, _) => Run(node, "{\"no_such_field\":1}", isCancelled: false)),
        ("a cancelled call", (node, example) => Run(node, example.Config, isCancelled: true)),
        ("a check of its config", (node, example) => _ = node.Check(Encoding.UTF8.GetBytes(example.Config))),
    ];

    public static ImmutableArray<NodeLaw> All { get; } =
        [new("unloads", "A plugin is removed from memory when it is unloaded, whatever its nodes were called with.", CheckAsync)];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Throws for an unusable node, which has its own violation.
        _ = node.Spec;
        if (node.Type.Assembly.Location.Length == 0 || NeedsProcess(node.Type.Assembly))
        {
            yield break;
        }

        string? holder = null;
        foreach (var (name, call) in Kinds)
        {
            if (!await IsGoneAsync(node, call, cancellationToken))
            {
                // A snapshot takes seconds, so one is taken for all kinds.
                holder ??= Holder(node, cancellationToken);
                yield return $"After {name}, something still holds the plugin. Dispose of what the node starts, remove its handlers of static events, and pass "
                    + $"the source-generated context to every call of JsonSerializer. {holder}";
            }
        }
    }

    private static string Holder(NodeUnderTest node, CancellationToken cancellationToken)
    {
        try
        {
            var ways = LeakFinder.Find(Path.GetFileName(node.Type.Assembly.Location), cancellationToken);
            return ways.IsEmpty
                ? "The snapshot of the runtime does not show what holds it."
                : $"What holds it: {string.Join("; ", ways.Select(way => string.Join(" -> ", way)))}.";
        }
        catch (LeakSearchException impossible)
        {
            return $"What holds it cannot be determined: {impossible.Message}";
        }
    }

    // The process ends with it.
    private static bool NeedsProcess(Assembly assembly) => assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(metadata => metadata is { Key: AssemblyFacts.IsolationKey, Value: AssemblyFacts.ProcessIsolation });

    private static async Task<bool> IsGoneAsync(NodeUnderTest node, Action<INode, NodeExample> call, CancellationToken cancellationToken)
    {
        var context = await LoadCallAndUnloadAsync(node, call);
        for (var round = 0; round < Rounds && context.IsAlive; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !context.IsAlive;
    }

    // On its own thread, which ends before the check: an active frame or async state would hold the plugin.
    private static Task<WeakReference> LoadCallAndUnloadAsync(NodeUnderTest node, Action<INode, NodeExample> call)
    {
        var entry = node.Type.Assembly.Location;
        var inFolder = node.Folder is { } folder ? Path.Combine(folder, Path.GetFileName(entry)) : entry;
        var isFolder = inFolder != entry && File.Exists(inFolder);
        var type = node.Type.FullName!;
        var done = new TaskCompletionSource<WeakReference>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(LoadCallAndUnload(isFolder ? inFolder : entry, isFolder, type, call));
            }
            catch (Exception exception)
            {
                done.SetException(new InvalidOperationException($"{type} could not be loaded a second time: {exception.GetType().Name}: {exception.Message}"));
            }
        });
        thread.Start();
        return done.Task;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadCallAndUnload(string entry, bool isFolder, string type, Action<INode, NodeExample> call)
    {
        var context = new PluginFolderContext(entry, isFolder);
        CallAll(context.LoadEntry().GetType(type, throwOnError: true)!, call);
        SqliteHooks.Release(context);
        context.Unload();
        return new WeakReference(context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CallAll(Type type, Action<INode, NodeExample> call)
    {
        var node = (INode)Activator.CreateInstance(type)!;
        foreach (var example in node.Spec.Examples)
        {
            Ignore(() => call(node, example));
        }

        Ignore(() => Dispose(node));
    }

    private static void Run(INode node, string config, bool isCancelled) =>
        NodeUnderTest.CallAsync(node, Encoding.UTF8.GetBytes(config), new NodeEnvironment(), new CancellationToken(isCancelled)).GetAwaiter().GetResult();

    private static void Dispose(INode node)
    {
        if (node is IAsyncDisposable asynchronous)
        {
            asynchronous.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        else if (node is IDisposable disposable)
        {
            disposable.Dispose();
        }
    }

    // Other laws report exceptions. If kept, the stack trace would hold the plugin.
    private static void Ignore(Action action)
    {
        try
        {
            action();
        }
        catch (Exception)
        {
        }
    }
}
