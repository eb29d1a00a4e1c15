namespace Sluice.Sdk;

/// <summary>Specifies how a node affects the world, and therefore what the host makes durable before it calls the node.</summary>
public enum Effect
{
    /// <summary>The node affects the world. All earlier steps are durable before it starts. This is the default.</summary>
    External = 0,

    /// <summary>The node only computes. The host may call it again after a crash.</summary>
    None = 1,

    /// <summary>The node replies to the caller through <see cref="NodeContext.Responder"/>. The caller of a workflow with such a step waits for the reply.</summary>
    Reply = 2,
}
