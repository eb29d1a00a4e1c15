using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text;
using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

/// <summary>A node on the typed base, with the base's own JSON options over the plugin's context, lets go of its plugin.</summary>
public sealed class UnloadingTests
{
    [Theory]
    [InlineData("Logic")]
    [InlineData("Http")]
    [InlineData("Notifications")]
    public void A_plugin_is_gone_after_its_nodes_were_described_run_and_dropped(string plugin)
    {
        WeakReference? context = null;
        var thread = new Thread(() => context = LoadRunAndUnload(PathOf(plugin)));
        thread.Start();
        thread.Join();

        for (var round = 0; round < 10 && context!.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context!.IsAlive, "Something still holds the plugin's load context.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadRunAndUnload(string path)
    {
        var context = new PluginContext(path);
        foreach (var type in NodeContract.NodesOf(context.LoadFromAssemblyPath(path)))
        {
            var node = (INode)Activator.CreateInstance(type)!;
            foreach (var example in node.Spec.Examples)
            {
                Run(node, example.Config, cancelled: example.NeedsNetwork);
                Run(node, "{\"no_such_field\":1}", cancelled: false);
                node.Check(Encoding.UTF8.GetBytes(example.Config));
            }
        }

        context.Unload();
        return new WeakReference(context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(INode node, string config, bool cancelled)
    {
        try
        {
            new NodeEnvironment().RunAsync(node, config, new CancellationToken(cancelled)).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // A node that needs a network is called with a cancelled token and goes no further.
        }
    }

    private static string PathOf(string plugin) =>
        Path.Combine(Metadata("Plugins"), plugin, Metadata("Output"), $"Sluice.Plugins.{plugin}.dll");

    private static string Metadata(string key) =>
        typeof(UnloadingTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == key).Value!;

    private sealed class PluginContext(string path) : AssemblyLoadContext(isCollectible: true)
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
    }
}
