using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>One call of a node, from its start until it returns or the host gives it up.</summary>
internal readonly record struct OpenCall(StepCall Call, StepStart Start, NodeHandle Node, NodeContext Context)
{
    /// <summary>Discards what the node still replies: its call is over.</summary>
    public void Close() => (Context.Responder as NodeResponder)?.Close();
}

/// <summary>When a step began, and its attempt number.</summary>
internal readonly record struct StepStart(DateTimeOffset At, long Ticks, int Attempt)
{
    /// <summary>The version that was called; null if none was.</summary>
    public PluginIdentity? Plugin { get; init; }
}

/// <summary>A call returned after the host had given it up: its result is discarded, because its step has ended without it.</summary>
internal sealed class CallGivenUpException() : Exception("The call of a node returned after it had been given up.");
