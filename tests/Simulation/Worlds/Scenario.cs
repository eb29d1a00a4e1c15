using Sluice.Engine.Checking;
using Sluice.Engine.Journal;

namespace Sluice.Simulation.Worlds;

/// <summary>What happens to a world, faults aside: a workflow, and the requests that start its runs.</summary>
internal sealed record Scenario
{
    public required string Text { get; init; }

    /// <summary>The workflow, compiled by the engine's own checker.</summary>
    public required CheckedWorkflow Workflow { get; init; }

    public required IReadOnlyList<Delivery> Deliveries { get; init; }

    /// <summary>How many runs may be active at once before further ones are queued.</summary>
    public int MostRuns { get; init; } = 10_000;

    /// <summary>Whether a branch depends on the time or a UUID, so that another run may take another one.</summary>
    public bool BranchesOnMoment { get; init; }

    /// <summary>Reads a workflow.</summary>
    /// <exception cref="InvalidOperationException">The checker rejects it.</exception>
    public static Scenario Of(string text, params IReadOnlyList<Delivery> deliveries)
    {
        var workflow = new WorkflowChecker(SimulatedNodes.Instance, () => Operator.Instance.Names).CheckText(text);
        return workflow.Compiled is not null
            ? new Scenario { Text = text, Workflow = workflow, Deliveries = deliveries }
            : throw new InvalidOperationException($"{string.Join("\n", workflow.Problems.Select(problem => $"{problem.At}: {problem.Message}"))}\n{text}");
    }
}

/// <summary>A request of a caller. One with a key repeats it, under the same key, until it has an answer.</summary>
/// <param name="Name">Its name in traces.</param>
/// <param name="Run">The identifier of the run that it starts.</param>
/// <param name="Body">JSON.</param>
/// <param name="Key">The idempotency key; null for none.</param>
internal sealed record Delivery(string Name, RunId Run, string Body, string? Key);
