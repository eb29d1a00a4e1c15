using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>What is particular about the start of a run; nothing for the plain one.</summary>
internal readonly record struct RunStart
{
    /// <summary>The key that the run claims; null for none.</summary>
    public ClaimPlace? Place { get; init; }

    /// <summary>Whether the caller asks for the reply later, at the status resource.</summary>
    public bool IsAsync { get; init; }

    /// <summary>Whether the caller waits only for the run to be durable, even if a step replies.</summary>
    public bool IsAcknowledgedAtOnce { get; init; }

    /// <summary>The response to the caller, and to those who ask later, if nothing replies; null for the host's own acknowledgement.</summary>
    public Reply? Acknowledgement { get; init; }

    /// <summary>Whether the reply is kept for those who ask later.</summary>
    public bool KeepsReply => Place is not null || IsAsync;

    /// <summary>Whether the caller has counted it in <see cref="Runner.Loads"/> already.</summary>
    public bool IsCounted { get; init; }
}
