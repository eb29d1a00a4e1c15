namespace Sluice.Sdk;

/// <summary>What a node does to the world; decides what the host makes durable before it calls the node.</summary>
public enum Effect
{
    /// <summary>Touches the world. Everything ahead of it is durable before it starts. The default.</summary>
    External = 0,

    /// <summary>Only computes: gates, transforms. May be called again after a crash.</summary>
    None = 1,

    /// <summary>Answers the caller through <see cref="NodeContext.Responder"/>. A workflow with such a step keeps its caller waiting for it.</summary>
    Reply = 2,
}
