using System.Collections.Concurrent;
using System.Text.Json;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Checking;

/// <summary>A catalogue of nodes without plugins.</summary>
internal sealed class TestCatalog : INodeCatalog
{
    private readonly ConcurrentDictionary<string, NodeHandle> _nodes = new(
        new INode[] { new FetchNode(), new GateNode(), new PickNode(), new ReplyNode(), new SetNode(), new PayNode() }.ToDictionary(
            node => node.Spec.Type, node => (NodeHandle)new Handle(node)));

    public IReadOnlyList<NodeDescriptor> Nodes => [.. _nodes.Values.Select(node => node.Descriptor).OrderBy(node => node.Type, StringComparer.Ordinal)];

    public NodeHandle? Find(string type) => _nodes.GetValueOrDefault(type);

    /// <summary>What happens when a node's plugin comes.</summary>
    public void Add(INode node, string hash = "0") => _nodes[node.Spec.Type] = new Handle(node, hash);

    /// <summary>What happens when a node's plugin goes.</summary>
    public void Remove(string type) => _nodes.TryRemove(type, out _);

    public static WorkflowChecker Checker(IReadOnlyCollection<string>? secrets = null, AuthSchemes? schemes = null) =>
        new(new TestCatalog(), () => secrets, schemes);

    private sealed class Handle(INode node, string hash = "0") : NodeHandle
    {
        public override NodeDescriptor Descriptor { get; } = new()
        {
            Type = node.Spec.Type,
            Name = node.Spec.Name,
            Category = node.Spec.Category,
            Summary = node.Spec.Summary,
            Effect = node.Spec.Effect,
            Ports = [.. node.Spec.Ports],
            ConfigSchema = JsonElement.Parse(node.Spec.ConfigSchema),
            OutputSchema = JsonElement.Parse(node.Spec.OutputSchema),
            Examples = [],
            Plugin = new PluginIdentity("Test", "1.0.0", hash),
        };

        public override (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config)
        {
            try
            {
                return (node.PortsOf(config), null);
            }
            catch (InvalidOperationException failure)
            {
                return ([], failure.Message);
            }
        }

        public override IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => node.Check(config);

        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            node.RunAsync(config, context, cancellationToken);
    }
}
