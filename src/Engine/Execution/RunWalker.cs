using System.Collections.Immutable;
using Sluice.Engine.Compiled;

namespace Sluice.Engine.Execution;

/// <summary>Walks the steps of a run from top to bottom, into the branches that their ports name. A resumed run walks the same way past what is done.</summary>
internal sealed class RunWalker(StepRunner steps)
{
    /// <summary>How the walk came out; <see cref="OutcomeKind.GoOn"/> where it reached the end.</summary>
    public ValueTask<StepOutcome> WalkAsync(Run run) => run.Probation is null ? WalkAsync(run, run.Workflow.Steps) : WalkWithCareAsync(run);

    /// <summary>Ends the step of a call that was given up; its run ends with it.</summary>
    public StepOutcome GiveUp(Run run, in OpenCall call) => steps.GiveUp(run, call);

    // That its host died is durable before anything of it is evaluated again.
    private async ValueTask<StepOutcome> WalkWithCareAsync(Run run)
    {
        await run.Log.DurableAsync();
        return await WalkAsync(run, run.Workflow.Steps);
    }

    private async ValueTask<StepOutcome> WalkAsync(Run run, ImmutableArray<CompiledStep> list)
    {
        foreach (var step in list)
        {
            if (Interrupted(run) is { } interrupted)
            {
                return interrupted;
            }

            var outcome = await steps.RunAsync(run, step);
            if (outcome is { Kind: OutcomeKind.GoOn, Port: { } port } && step.Branches.TryGetValue(port, out var branch))
            {
                outcome = await WalkAsync(run, branch);
            }

            if (outcome.Kind != OutcomeKind.GoOn)
            {
                return outcome;
            }
        }

        return StepOutcome.GoOn();
    }

    private static StepOutcome? Interrupted(Run run) => run switch
    {
        { IsCancelRequested: true } => StepOutcome.Cancelled(),
        { IsStopping: true } => StepOutcome.LeftOff(),
        _ => null,
    };
}
