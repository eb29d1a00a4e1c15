using System.Text.Json;

namespace Sluice.Crash.Tests;

/// <summary>What is left when it is all over, from three sides: the callers, the journal, the witness. Each method is one promise of the host.</summary>
internal sealed class Aftermath(IEnumerable<Exchange> exchanges, IReadOnlyDictionary<string, JournalRun> journal, IReadOnlyList<WitnessLine> witness)
{
    private readonly Exchange[] _acknowledged = [.. exchanges.Where(exchange => exchange.IsAcknowledged)];

    /// <summary>The calls of each witnessed step, in order.</summary>
    private readonly IGrouping<(string Run, string Step), WitnessLine>[] _steps = [.. witness.GroupBy(line => (line.Run, line.Step))];

    /// <summary>How many calls of steps began and did not end: those that a kill cut off.</summary>
    public int CutOff => _steps.Sum(step => step.Count(line => line.Begins) - step.Count(line => !line.Begins));

    public void NothingAcknowledgedIsLost()
    {
        foreach (var exchange in _acknowledged)
        {
            Assert.True(journal.ContainsKey(exchange.Run!), $"Run {exchange.Run} was acknowledged and is not in the journal: {exchange}");
            Assert.Equal(exchange.Number, journal[exchange.Run!].Number);
        }
    }

    public void EveryRunSucceededOnce()
    {
        foreach (var run in journal.Values)
        {
            var ended = run.Of("ended");
            Assert.True(ended is [_] && ended[0].GetProperty("status").GetString() == "succeeded", Describe(run));
            Assert.All(run.Of("step").GroupBy(step => step.GetProperty("step").GetString()), step => Assert.Single(step));
        }
    }

    public void NoRequestBecameTwoRuns() => Assert.Distinct(journal.Values.Select(run => run.Number));

    public void NoRunRepliedTwice()
    {
        Assert.Distinct(_acknowledged.Select(exchange => exchange.Run));
        Assert.All(journal.Values, run => Assert.True(run.Of("reply").Count <= 1, Describe(run)));
        foreach (var exchange in _acknowledged)
        {
            var run = journal[exchange.Run!];
            if (run.Of("reply") is [var reply])
            {
                Assert.Equal(reply.GetProperty("status").GetInt32(), exchange.Status);
                Assert.Equal(System.Text.Encoding.UTF8.GetString(reply.GetProperty("body").GetBytesFromBase64()), exchange.Body);
            }
            else
            {
                Assert.Equal(202, exchange.Status);
                Assert.Equal("accepted", run.Workflow);
            }
        }
    }

    /// <summary>A step's result is durable when the next step of its kind has begun: that one waited for it. From then on it never begins again.</summary>
    public void NoStepRanAgainAfterALaterOneBegan()
    {
        foreach (var run in witness.Where(line => line.Begins).GroupBy(line => line.Run))
        {
            // The steps of a run as they follow on each other, each one time: a step that came again later would stand there twice.
            var order = run.Select(line => line.Step).Aggregate(new List<string>(), (steps, step) => steps is [.., var last] && last == step ? steps : [.. steps, step]);
            Assert.Distinct(order);
        }
    }

    /// <summary>A step that the API showed as done was durable.</summary>
    public void NoStepRanAgainAfterItWasSeen(IEnumerable<SeenStep> seen)
    {
        foreach (var step in seen)
        {
            Assert.Equal(step.Attempt, witness.Where(line => line.Run == step.Run && line.Step == step.Step).Max(line => line.Attempt));
        }
    }

    public void EveryAttemptHasTheNextNumberAndTheSameKey()
    {
        foreach (var step in _steps)
        {
            Assert.Single(step.Select(line => line.IdempotencyKey).Distinct());
            var attempts = step.Where(line => line.Begins).Select(line => line.Attempt).ToArray();
            Assert.True(attempts.Zip(attempts.Skip(1)).All(pair => pair.First < pair.Second), $"Step {step.Key} began with the attempts {string.Join(", ", attempts)}.");
        }

        Assert.Distinct(_steps.Select(step => step.First().IdempotencyKey));
    }

    /// <summary>The last call of every step came to its end, and it is the one that the journal took the result from.</summary>
    public void EveryStepThatBeganCameToItsEnd()
    {
        foreach (var step in _steps)
        {
            var last = step.Last();
            Assert.False(last.Begins, $"Step {step.Key} began its attempt {last.Attempt} and that never ended.");
            var entry = Assert.Single(journal[step.Key.Run].Of("step"), entry => entry.GetProperty("step").GetString() == step.Key.Step);
            Assert.Equal(last.Attempt, entry.TryGetProperty("attempt", out var attempt) ? attempt.GetInt32() : 1);
        }
    }

    /// <summary>What steps read from those before them is the same after a crash as before it.</summary>
    public void EveryStepWasGivenItsOwnRequest() => Assert.All(witness, line => Assert.Equal(journal[line.Run].Number, line.Note));

    public void Check(IEnumerable<SeenStep> seen)
    {
        NothingAcknowledgedIsLost();
        EveryRunSucceededOnce();
        NoRequestBecameTwoRuns();
        NoRunRepliedTwice();
        NoStepRanAgainAfterALaterOneBegan();
        NoStepRanAgainAfterItWasSeen(seen);
        EveryAttemptHasTheNextNumberAndTheSameKey();
        EveryStepThatBeganCameToItsEnd();
        EveryStepWasGivenItsOwnRequest();
    }

    private static string Describe(JournalRun run) =>
        $"Run {run.Id} of {run.Workflow}:\n{string.Join('\n', run.Entries.Select(entry => JsonSerializer.Serialize(entry)))}";
}
