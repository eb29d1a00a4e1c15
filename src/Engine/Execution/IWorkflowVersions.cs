namespace Sluice.Engine.Execution;

/// <summary>Finds the exact version that a run executes, for runs that are taken up again.</summary>
internal interface IWorkflowVersions
{
    /// <summary>The version, ready to be walked; null with the reason where it can't be now: a node is missing, or the version is unknown.</summary>
    ValueTask<(CompiledWorkflow? Workflow, string? Reason)> FindAsync(string name, int version, CancellationToken cancellationToken);
}
