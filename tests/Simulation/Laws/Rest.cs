using Sluice.Engine.Compiled;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation.Laws;

/// <summary>Holds a world that has come to rest to the laws: what its runs and its callers have come to.</summary>
internal static class Rest
{
    public static void Check(World world, Callers callers)
    {
        if (world.ActiveCount > 0)
        {
            world.Break(1, $"At rest, {world.ActiveCount} runs are active, and nothing will wake them.");
        }

        foreach (var waiting in callers.Waiting)
        {
            world.Break(2, $"{waiting.Name} waits for an answer for ever.");
        }

        foreach (var row in world.Disk.Rows)
        {
            CheckEnd(world, row);
            CheckSteps(world, row);
            CheckBranches(world, row);
        }

        foreach (var answers in world.Witness.Answers.GroupBy(answer => answer.Delivery.Run))
        {
            CheckAnswers(world, answers.Key, [.. answers]);
        }
    }

    /// <summary>Compares what became of the runs of a disturbed world with what becomes of them undisturbed.</summary>
    public static void Compare(World undisturbed, World disturbed)
    {
        foreach (var row in disturbed.Disk.Rows.Where(row => row.Status != RunStatus.Quarantined))
        {
            var run = row.Header.Id;
            var reference = Story.Of(undisturbed.Disk.Find(run)!, undisturbed.Witness.CallsOf(run));
            var story = Story.Of(row, disturbed.Witness.CallsOf(run));
            if (story != reference)
            {
                disturbed.Break(4, $"{disturbed.NameOf(run)} came to something else: {Story.Difference(reference, story)}.");
            }
        }
    }

    private static void CheckEnd(World world, RunRow row)
    {
        var name = world.NameOf(row.Header.Id);
        if (row.Status == RunStatus.Quarantined && world.Witness.IsPoisoned(row.Header.Id))
        {
            return;
        }

        if (row.Status is not (RunStatus.Succeeded or RunStatus.Failed))
        {
            world.Break(1, $"At rest, {name} is {row.Status}, and nothing will wake it.");
        }
        else if (row.Entries.LastOrDefault(entry => entry is JournalEntry.Ended) is not JournalEntry.Ended ended || ended.Status != row.Status)
        {
            world.Break(1, $"{name} is {row.Status}, and its records do not say so.");
        }
    }

    private static void CheckSteps(World world, RunRow row)
    {
        var entries = row.Entries;
        var name = world.NameOf(row.Header.Id);
        if (entries.OfType<JournalEntry.Replied>().Count() is > 1 and var replies)
        {
            world.Break(2, $"{name} has {replies} replies.");
        }

        var most = 1 + entries.OfType<JournalEntry.Retried>().Count();
        foreach (var ends in entries.OfType<JournalEntry.Step>().Where(step => step.Status != StepStatus.Suspended).GroupBy(step => step.Key))
        {
            if (ends.Count() > most)
            {
                world.Break(3, $"{name}/{ends.Key} ended {ends.Count()} times.");
            }
        }

        foreach (var starts in entries.OfType<JournalEntry.StepStarted>().GroupBy(started => started.Key))
        {
            // One for each life, one for the wake of a step that suspended itself, one for each retry.
            if (starts.Count() > world.Deaths + 1 + most)
            {
                world.Break(5, $"{name}/{starts.Key} started {starts.Count()} times in {world.Deaths + 1} lives.");
            }
        }
    }

    private static void CheckBranches(World world, RunRow row)
    {
        var calls = world.Witness.CallsOf(row.Header.Id);
        var called = calls.Where(call => call.Node.Descriptor.Effect == Effect.External).Select(call => call.Path).ToHashSet();
        foreach (var step in world.Scenario.Workflow.Compiled!.AllSteps().Where(step => step.Branches.Count > 1))
        {
            if (step.Branches.Values.Count(branch => branch.SelectMany(inner => inner.WithNested()).Any(inner => called.Contains(inner.Key))) > 1)
            {
                world.Break(4, $"Steps of both branches of {world.NameOf(row.Header.Id)}/{step.Key} touched the world.");
            }
        }
    }

    private static void CheckAnswers(World world, RunId run, IReadOnlyList<(Delivery Delivery, Answer Answer, bool IsRepeat)> answers)
    {
        var told = answers.Where(answer => answer.Answer is not Answer.NotDurable).ToList();
        if (told.Count(answer => !answer.IsRepeat && answer.Answer is Answer.Replied) > 1)
        {
            world.Break(2, $"{world.NameOf(run)} sent more than one reply.");
        }

        if (told.Select(answer => Callers.Describe(answer.Answer)).Distinct().ToList() is { Count: > 1 } texts)
        {
            world.Break(2, $"Callers of {world.NameOf(run)} got different responses: {string.Join(" / ", texts)}");
        }

        if (told.Count > 0 && world.Disk.Find(run) is null)
        {
            world.Break(1, $"{world.NameOf(run)} was answered, and its run is lost.");
        }
    }
}
