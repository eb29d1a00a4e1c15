using System.Text.Json;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Simulation.Worlds;

/// <summary>The nodes of simulated workflows. What a call does depends on its config alone, so that every life of a host sees the same.</summary>
internal sealed class SimulatedNodes : INodeCatalog
{
    public static readonly SimulatedNodes Instance = new();

    private readonly Dictionary<string, SimulatedNode> _nodes;

    private SimulatedNodes() => _nodes = new SimulatedNode[]
    {
        new("echo", Effect.None),
        new("gate", Effect.None, "left", "right"),
        new("call", Effect.External),
        new("wait", Effect.None),
        new("wait_outside", Effect.External),
        new("hang", Effect.External),
        new("reply", Effect.Reply),
        new("end", Effect.None),
        new("poison", Effect.None),
        new("poison_outside", Effect.External),
    }.ToDictionary(node => node.Descriptor.Type);

    public IReadOnlyList<NodeDescriptor> Nodes => [.. _nodes.Values.Select(node => node.Descriptor)];

    public NodeHandle? Find(string type) => _nodes.GetValueOrDefault(type);
}

/// <summary>A node of a simulation: the world knows what a call of it does.</summary>
internal sealed class SimulatedNode(string type, Effect effect, params string[] ports) : NodeHandle
{
    public override NodeDescriptor Descriptor { get; } = new()
    {
        Type = type,
        Name = type,
        Category = "Simulation",
        Summary = "",
        Effect = effect,
        Ports = [.. ports.Select(port => new PortSpec(port, port))],
        ConfigSchema = JsonElement.Parse("""{"type":"object"}"""),
        OutputSchema = JsonElement.Parse("{}"),
        Examples = [],
        Plugin = new PluginIdentity("Simulation", "1.0.0", new string('0', 64)),
    };

    public override (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config) => (ports, null);

    public override IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => [];

    public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        var clock = (HostClock)context.Time;
        return clock.World.CallAsync(clock.Host, this, config, context, cancellationToken);
    }
}
