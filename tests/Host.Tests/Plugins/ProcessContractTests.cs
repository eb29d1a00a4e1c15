using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Processes;
using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Host.Tests.Plugins;

/// <summary>Our own plugins keep the laws in a process of their own as they do in the host: the tests of each plugin hold them to the same rows there.</summary>
public sealed class ProcessContractTests(ProcessContractTests.Processes processes) : IClassFixture<ProcessContractTests.Processes>
{
    // They look at the plugin's folder and its load context and call no node of a host.
    private static readonly string[] WithoutHost = ["folder-clean", "unloads"];

    // Types of a collectible context; they live as long as the tests.
    private static readonly Dictionary<string, Type> Nodes = new[] { "Http", "Logic", "Notifications" }
        .SelectMany(plugin => NodeContract.NodesOf(PluginContext.Load(EntryOf(plugin)).Entry)).ToDictionary(node => node.FullName!);

    public static IEnumerable<(string Node, string Law)> Rows() =>
        Nodes.Keys.SelectMany(_ => NodeContract.Laws, (node, law) => (node, law.Name)).Where(row => !WithoutHost.Contains(row.Name));

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task The_node_keeps_the_law_in_a_process_of_its_own(string node, string law)
    {
        var type = Nodes[node];
        var keeper = law == "disposable" ? await StartAsync(type) : await processes.Of(type);

        var before = keeper.Restarts;

        Assert.Empty(await NodeContract.CheckAsync(type, law, Make, TestContext.Current.CancellationToken));

        Assert.Equal(before, keeper.Restarts);

        INode Make()
        {
            var made = new ProcessNode(keeper.Specs.Single(spec => spec.Type == NodeType(type)), keeper);
            return law == "disposable" ? made : new Lent(made);
        }
    }

    private static string NodeType(Type node) => ((INode)Activator.CreateInstance(node)!).Spec.Type;

    private static string EntryOf(string plugin) => Path.Combine(AppContext.BaseDirectory, "plugins", plugin, $"Sluice.Plugins.{plugin}.dll");

    private static Task<ProcessKeeper> StartAsync(Type node) => ProcessKeeper.StartAsync(
        node.Assembly.GetName().Name!, node.Assembly.Location, ProcessSandbox.Settings, TimeProvider.System, NullLogger.Instance, TestContext.Current.CancellationToken);

    /// <summary>A process for each plugin, for all rows.</summary>
    public sealed class Processes : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, Task<ProcessKeeper>> _keepers = new();

        internal Task<ProcessKeeper> Of(Type node) => _keepers.GetOrAdd(node.Assembly.Location, _ => StartAsync(node));

        public async ValueTask DisposeAsync()
        {
            foreach (var keeper in _keepers.Values)
            {
                await (await keeper).DisposeAsync();
            }
        }
    }

    /// <summary>A node that is called by many rows and ended by none.</summary>
    private sealed class Lent(INode node) : INode
    {
        public NodeSpec Spec => node.Spec;

        public IReadOnlyList<string> PortsOf(JsonElement config) => node.PortsOf(config);

        public IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => node.Check(config);

        public ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            node.RunAsync(config, context, cancellationToken);
    }
}
