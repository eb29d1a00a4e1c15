using System.Runtime.CompilerServices;
using Sluice.Engine.Compiled;

namespace Sluice.Engine.Secrets;

/// <summary>The masks of a host's secrets, each made once.</summary>
internal sealed class SecretMasks(ISecrets secrets)
{
    private readonly ConditionalWeakTable<CompiledWorkflow, SecretMask> _ofWorkflows = [];
    private readonly Lazy<SecretMask> _all = new(() => SecretMask.For(secrets.Names, secrets));

    /// <summary>The mask of all secrets: for logs, messages and views, which may hold what any workflow read.</summary>
    public SecretMask All => _all.Value;

    /// <summary>The mask of the secrets that a workflow reads: for what its runs store, so that the runs of a workflow without secrets cost nothing.</summary>
    public SecretMask Of(CompiledWorkflow workflow) => workflow.Secrets.IsEmpty
        ? SecretMask.None
        : _ofWorkflows.GetValue(workflow, made => SecretMask.For(made.Secrets, secrets));
}
