using Sluice.Engine.Checking;

namespace Sluice.Engine.Execution;

/// <summary>Finds the exact version that a run executes, for runs that continue.</summary>
internal interface IWorkflowVersions
{
    /// <summary>Completes when next workflows may run that could not before, because plugins have come.</summary>
    Task Rechecked { get; }

    /// <summary>The version, ready to run, or with the problems that it has by now, such as a missing node. Null if there is no such version.</summary>
    ValueTask<CheckedWorkflow?> FindVersionAsync(string name, int version, CancellationToken cancellationToken);
}
