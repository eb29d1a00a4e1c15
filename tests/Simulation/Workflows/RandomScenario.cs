using System.Buffers.Binary;
using Sluice.Engine.Journal;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation.Workflows;

/// <summary>Makes the scenario of a seed: a workflow, and a few requests that start runs of it.</summary>
internal static class RandomScenario
{
    /// <param name="random">The chance.</param>
    /// <param name="steps">The most steps of the workflow.</param>
    /// <param name="requests">The most requests.</param>
    public static Scenario Of(Random random, int steps, int requests)
    {
        var workflow = new RandomWorkflow(random, canBranchOnMoment: random.Next(4) == 0);
        var text = workflow.Write(steps);
        var deliveries = new List<Delivery>();
        for (var number = 1 + random.Next(requests); number > 0; number--)
        {
            var delivery = Request(random, $"r{number}", random.Next(2) == 0 ? $"key {number}" : null);
            deliveries.Add(delivery);
            if (delivery.Key is not null && random.Next(4) == 0)
            {
                deliveries.Add(delivery with { Name = $"{delivery.Name}'" });
            }
        }

        return Scenario.Of(text, deliveries) with
        {
            BranchesOnMoment = workflow.BranchesOnMoment,
            MostRuns = random.Next(4) == 0 ? 1 + random.Next(2) : 10_000,
        };
    }

    /// <summary>A scenario in which the first run kills its host at each call of one of its steps.</summary>
    public static Scenario Poisoned(Random random, int steps, int requests)
    {
        var text = new RandomWorkflow(random, canBranchOnMoment: false).Write(steps, random.Next(2) == 0 ? "poison" : "poison_outside");
        return Scenario.Of(
            text, [.. Enumerable.Range(1, 1 + random.Next(requests)).Select(number => Request(random, $"r{number}", key: null, poison: number == 1))]);
    }

    /// <summary>A request with a random body.</summary>
    public static Delivery Request(Random random, string name, string? key, bool poison = false) => new(
        name, RunOf(random), $$"""{"n":{{random.Next(10)}},"text":"t{{random.Next(1000)}}","poison":{{(poison ? "true" : "false")}}}""", key);

    // A UUID of version 7, as the engine makes them.
    private static RunId RunOf(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes, 0x0195_5000_0000_7000 | ((long)random.Next(1 << 16) << 16));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return RunId.FromBytes(bytes);
    }
}
