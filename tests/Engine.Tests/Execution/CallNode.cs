using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>A node without config or output: all it does is one call.</summary>
internal sealed class CallNode(string type, Effect effect, Func<NodeContext, ValueTask> call) : INode
{
    public NodeSpec Spec { get; } = new()
    {
        Type = type,
        Name = type,
        Category = "Tests",
        Summary = "Calls.",
        Effect = effect,
        ConfigSchema = """{"type":"object"}""",
        OutputSchema = """{"type":"object"}""",
    };

    public async ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        await call(context);
        return new NodeResult.Completed("{}"u8.ToArray());
    }
}
