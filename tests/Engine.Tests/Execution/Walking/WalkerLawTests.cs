using System.Collections.Immutable;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>What holds of every walk, however its calls end, in whatever order, and wherever it crashes.</summary>
public sealed class WalkerLawTests
{
    private const string Plan =
        "a, gate { left: b, c; right: d }, each outer 2 ( x, each inner 3 ( y ), z ), try t ( each prices 4 ( pay, note ) ) finally ( tidy ), e";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_walk_that_crashes_anywhere_ends_as_the_undisturbed_one_and_calls_no_ended_step_again(int seed)
    {
        for (var round = 0; round < 150; round++)
        {
            var random = new Random((seed * 1_000) + round);
            var fails = random.Next(3) == 0 ? random.Next(12) : -1;
            var undisturbed = new WalkedPlan(PlanText.Read(Plan));
            undisturbed.Begin();
            WalkToEnd(undisturbed, fails, random, crashes: 0);

            var disturbed = new WalkedPlan(PlanText.Read(Plan));
            disturbed.Begin();
            WalkToEnd(disturbed, fails, random, crashes: 12);

            Assert.Equal(undisturbed.Outcome!.Value.Kind, disturbed.Outcome!.Value.Kind);
            if (disturbed.Outcome.Value.Kind == OutcomeKind.GoOn)
            {
                Assert.Equal(Ends(undisturbed), Ends(disturbed));
            }

            // A failure ahead of `try` never comes to it.
            var isTried = disturbed.Journal.OfType<JournalEntry.StepStarted>().Any(started => started.Key == "prices");
            Assert.Equal(isTried ? 1 : 0, disturbed.Journal.OfType<JournalEntry.Step>().Count(step => step.Key == "tidy"));
            AssertNoEndedStepWasCalledAgain(disturbed.Journal);
            AssertFirstStartsAndAttempts(disturbed.Journal);
        }
    }

    [Fact]
    public void A_loop_never_has_more_iterations_in_flight_than_it_may()
    {
        var walked = new WalkedPlan(PlanText.Read("each prices 3 ( fetch, send )"));
        walked.Begin();
        walked.End("prices", "ok 20");
        var random = new Random(5);

        while (walked.Outcome is null)
        {
            Assert.InRange(walked.Calls.Count, 1, 3);
            walked.End(walked.Calls[random.Next(walked.Calls.Count)].Path, "ok");
        }

        Assert.Equal(40, walked.Journal.OfType<JournalEntry.Step>().Count());
    }

    private static void WalkToEnd(WalkedPlan walked, int fails, Random random, int crashes)
    {
        while (walked.Outcome is null)
        {
            if (crashes > 0 && random.Next(4) == 0)
            {
                crashes--;
                walked.Seconds++;
                walked.Begin();
                continue;
            }

            var call = walked.Calls[random.Next(walked.Calls.Count)];
            walked.End(call.Path, ResultOf(call, fails));
        }
    }

    // The same for a path whenever it is called.
    private static string ResultOf(StepCall call, int fails) => call switch
    {
        { Plan: ForEachPrototype } => "ok 3",
        { Path: "gate" } => "ok left",
        { Path: "tidy" } => "ok",
        _ when call.Path.Sum(character => character) % 12 == fails => "fail always",
        _ => "ok",
    };

    private static IEnumerable<string> Ends(WalkedPlan walked) =>
        walked.Journal.OfType<JournalEntry.Step>().Select(step => $"{step.Key} {step.Status}").Order(StringComparer.Ordinal);

    private static void AssertNoEndedStepWasCalledAgain(List<JournalEntry> journal)
    {
        var ended = new HashSet<string>();
        foreach (var entry in journal)
        {
            if (entry is JournalEntry.Step step)
            {
                Assert.True(ended.Add(step.Key), $"{step.Key} ended twice.");
            }
            else if (entry is JournalEntry.StepStarted started)
            {
                Assert.False(ended.Contains(started.Key), $"{started.Key} was called again.");
            }
        }
    }

    private static void AssertFirstStartsAndAttempts(List<JournalEntry> journal)
    {
        foreach (var calls in journal.OfType<JournalEntry.StepStarted>().GroupBy(started => started.Key))
        {
            Assert.Equal(Enumerable.Range(1, calls.Count()), calls.Select(started => started.Attempt));
        }
    }
}
