using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text;

namespace Sluice.Sdk.Testing;

/// <summary>The law that keeps a host swappable: after its last call a plugin can leave memory.</summary>
internal static class UnloadLaw
{
    private const int Rounds = 12;

    public static ImmutableArray<NodeLaw> All { get; } =
        [new("unloads", "A plugin whose node was described, checked, called and disposed of leaves memory when it is unloaded.", CheckAsync)];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A node that can't be used at all is no matter of this law.
        _ = node.Spec;
        if (node.Type.Assembly.Location.Length > 0 && !await IsGoneAsync(node.Type, cancellationToken))
        {
            yield return "Something still holds the plugin: a timer or a loop that was not stopped, a static event or cache outside of it, or "
                + "JsonSerializer without the source-generated context. Dispose of what the node starts, and pass the context to every call.";
        }
    }

    private static async Task<bool> IsGoneAsync(Type type, CancellationToken cancellationToken)
    {
        var context = await LoadCallAndUnloadAsync(type.Assembly.Location, type.FullName!);
        for (var round = 0; round < Rounds && context.IsAlive; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !context.IsAlive;
    }

    // On a thread of its own, which ends before anybody looks: a frame or an async state that goes on would hold the plugin itself.
    private static Task<WeakReference> LoadCallAndUnloadAsync(string assembly, string type)
    {
        var done = new TaskCompletionSource<WeakReference>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(LoadCallAndUnload(assembly, type));
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
    private static WeakReference LoadCallAndUnload(string assembly, string type)
    {
        // Only the plugin's own assembly is loaded again; whatever it references is the one of the test, and would hold it in the same ways.
        var context = new AssemblyLoadContext("unloads", isCollectible: true);
        Call(context.LoadFromAssemblyPath(assembly).GetType(type, throwOnError: true)!);
        context.Unload();
        return new WeakReference(context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Call(Type type)
    {
        var node = (INode)Activator.CreateInstance(type)!;
        foreach (var example in node.Spec.Examples)
        {
            var config = Encoding.UTF8.GetBytes(example.Config);
            Ignore(() => node.Check(config));
            Ignore(() => NodeUnderTest.CallAsync(node, config, new NodeEnvironment(), new CancellationToken(example.NeedsNetwork)).GetAwaiter().GetResult());
        }

        Ignore(() => Dispose(node));
    }

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

    // What is thrown is told by other laws; kept, its stack trace would hold the plugin.
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
