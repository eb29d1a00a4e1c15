namespace Sluice.Engine.Execution;

/// <summary>The time from when an interrupted run continues until its next step is durable, or the run is no longer active.</summary>
internal sealed class Probation
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the run has got past the step at which its host died.</summary>
    public Task Over => _over.Task;

    /// <summary>Whether its next step has ended, durably or not.</summary>
    public bool HasPassed { get; set; }

    public bool IsOver => _over.Task.IsCompleted;

    public void End() => _over.TrySetResult();
}
