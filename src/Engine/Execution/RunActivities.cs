using System.Diagnostics;
using Sluice.Engine.Journal;
using Sluice.Engine.Metrics;

namespace Sluice.Engine.Execution;

/// <summary>Makes the activities of a run and its steps. None becomes the current one: a node must not keep an activity of the host.</summary>
internal static class RunActivities
{
    /// <summary>Starts the activity of a run, below the current one; null while nobody listens.</summary>
    public static Activity? Start(RunHeader header)
    {
        if (!EngineActivities.Source.HasListeners())
        {
            return null;
        }

        var current = Activity.Current;
        var activity = EngineActivities.Source.StartActivity("run", ActivityKind.Internal, current?.Context ?? default);
        activity?.SetTag("sluice.run.id", header.Id.ToString()).SetTag("sluice.workflow", header.Workflow).SetTag("sluice.workflow.version", header.Version);
        Activity.Current = current;
        return activity;
    }

    /// <summary>Notes a step that has ended.</summary>
    public static void Note(Run run, JournalEntry.Step step)
    {
        if (run.Activity is not { } parent)
        {
            return;
        }

        var current = Activity.Current;
        var activity = EngineActivities.Source.StartActivity("step", ActivityKind.Internal, parent.Context, startTime: step.StartedAt);
        activity?.SetTag("sluice.step.path", step.Key).SetTag("sluice.step.type", step.Type).SetTag("sluice.step.status", step.Status.ToString().ToLowerInvariant());
        activity?.SetStatus(step.Status == StepStatus.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        activity?.SetEndTime((step.StartedAt + step.Duration).UtcDateTime);
        activity?.Stop();
        Activity.Current = current;
    }

    /// <summary>Ends the activity of a run.</summary>
    public static void End(Run run, StepOutcome outcome)
    {
        if (run.Activity is not { } activity)
        {
            return;
        }

        var current = Activity.Current;
        activity.SetStatus(outcome.Kind == OutcomeKind.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        activity.Stop();
        Activity.Current = current;
    }
}
