using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>One call of a node, from its begin until it has come out or the host has given it up.</summary>
internal readonly record struct OpenCall(CompiledStep Step, StepStart Start, NodeHandle Node, NodeContext Context)
{
    /// <summary>Discards what the node still replies: its call is over.</summary>
    public void Close() => (Context.Responder as NodeResponder)?.Close();
}

/// <summary>When a step began, and its attempt number.</summary>
internal readonly record struct StepStart(DateTimeOffset At, long Ticks, int Attempt)
{
    /// <summary>The version that was called; null where none was.</summary>
    public PluginIdentity? Plugin { get; init; }
}

/// <summary>A call came back after the host had given it up: what it gave is discarded, and its run has gone on without it.</summary>
internal sealed class CallGivenUpException() : Exception("The call of a node came back after it had been given up.");
