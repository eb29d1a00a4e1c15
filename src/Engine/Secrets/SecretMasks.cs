using System.Runtime.CompilerServices;
using Sluice.Engine.Compiled;

namespace Sluice.Engine.Secrets;

/// <summary>The masks of a host's secrets, each created once.</summary>
internal sealed class SecretMasks(ISecrets secrets)
{
    private readonly ConditionalWeakTable<CompiledWorkflow, SecretMask> _ofWorkflows = [];
    private readonly Lazy<SecretMask> _all = new(() => SecretMask.For(secrets.Names, secrets));

    /// <summary>The mask of all secrets, for logs, messages and views, which may contain what any workflow read.</summary>
    public SecretMask All => _all.Value;

    /// <summary>
    /// Returns the mask of the secrets that a workflow reads, for what its runs store, so that workflows without secrets pay nothing.
    /// </summary>
    public SecretMask Of(CompiledWorkflow workflow) => workflow.Secrets.IsEmpty
        ? SecretMask.None
        : _ofWorkflows.GetValue(workflow, made => SecretMask.For(made.Secrets, secrets));
}
