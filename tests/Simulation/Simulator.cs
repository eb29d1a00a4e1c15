using System.Text;
using Sluice.Engine.Journal;
using Sluice.Simulation.Laws;
using Sluice.Simulation.Workflows;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation;

/// <summary>Simulates the case of a seed, undisturbed and under crashes, and reports the first law that is broken.</summary>
/// <param name="mutant">A cure of the engine that is taken out; null for none.</param>
/// <param name="onlyLaw">The only law to report; null for all.</param>
internal sealed class Simulator(Mutant? mutant = null, int? onlyLaw = null)
{
    private const int SampledPlans = 10;

    /// <summary>How many worlds were simulated.</summary>
    public int Worlds { get; private set; }

    /// <summary>A small workflow and one request: every fault at every place of the journal, and a sample of crashes that meet a recovery.</summary>
    public Task<string?> CheckEverywhereAsync(int seed) => CheckAsync(seed, RandomScenario.Of(new Random(seed), steps: 5, requests: 1), isExhaustive: true);

    /// <summary>A larger workflow and several requests: a sample of one or two crashes.</summary>
    public Task<string?> CheckSampledAsync(int seed) => CheckAsync(seed, RandomScenario.Of(new Random(seed), steps: 14, requests: 4), isExhaustive: false);

    /// <summary>Several requests, of which one starts a run that kills its host.</summary>
    public Task<string?> CheckPoisonedAsync(int seed) => CheckAsync(seed, RandomScenario.Poisoned(new Random(seed), steps: 5, requests: 4), isExhaustive: false);

    /// <summary>Simulates a scenario; null if every law held, else the report.</summary>
    public async Task<string?> CheckAsync(int seed, Scenario scenario, bool isExhaustive)
    {
        var isPoisoned = scenario.Deliveries.Any(delivery => delivery.Body.Contains("\"poison\":true", StringComparison.Ordinal));
        var healthy = isPoisoned ? scenario with { Deliveries = [.. scenario.Deliveries.Select(delivery => delivery with { Body = delivery.Body.Replace("\"poison\":true", "\"poison\":false", StringComparison.Ordinal) })] } : scenario;
        using var undisturbed = await SimulateAsync(healthy, seed, FaultPlan.None);
        if (undisturbed.Broken is not null)
        {
            return await ReportAsync(seed, healthy, FaultPlan.None, null);
        }

        var plans = isPoisoned ? [FaultPlan.None] : isExhaustive ? Everywhere(undisturbed, new Random(seed)) : Sample(undisturbed, new Random(seed));
        foreach (var plan in plans)
        {
            using var disturbed = await SimulateAsync(scenario, seed, plan);
            Compare(undisturbed, disturbed);
            if (disturbed.Broken is not null)
            {
                return await ReportAsync(seed, scenario, plan, undisturbed);
            }
        }

        return null;
    }

    /// <summary>The trace of one world: what happened, in order.</summary>
    public async Task<IReadOnlyList<string>> TraceOfAsync(int seed, Scenario scenario, IReadOnlyList<Crash> crashes)
    {
        using var world = new World(scenario, seed, crashes, mutant, onlyLaw, isTraced: true);
        await world.RunAsync();
        return world.Trace;
    }

    /// <summary>A plan of two crashes at random places.</summary>
    public static IReadOnlyList<Crash> TwoCrashes(Random random) => [AnyCrash(random, 8), AnyCrash(random, 5)];

    private async Task<World> SimulateAsync(Scenario scenario, int seed, IReadOnlyList<Crash> crashes)
    {
        var world = new World(scenario, seed, crashes, mutant, onlyLaw);
        await world.RunAsync();
        Worlds++;
        return world;
    }

    private static void Compare(World undisturbed, World disturbed)
    {
        if (disturbed.Broken is null && !disturbed.Scenario.BranchesOnMoment)
        {
            Rest.Compare(undisturbed, disturbed);
        }
    }

    private static IEnumerable<IReadOnlyList<Crash>> Everywhere(World undisturbed, Random random)
    {
        foreach (var crash in Places(undisturbed).ToList())
        {
            yield return [crash];
            yield return [crash, AnyCrash(random, 4)];
        }
    }

    private static IEnumerable<IReadOnlyList<Crash>> Sample(World undisturbed, Random random)
    {
        var places = Places(undisturbed).ToList();
        for (var plan = 0; plan < SampledPlans; plan++)
        {
            var first = places[random.Next(places.Count)];
            yield return random.Next(2) == 0 ? [first] : [first, AnyCrash(random, 6)];
        }
    }

    private static IEnumerable<Crash> Places(World undisturbed)
    {
        foreach (var fault in (Fault[])[Fault.BeforeTheAppend, Fault.EffectDoneRecordLost, Fault.ReplyCommittedNotSent, Fault.AppendedNotFlushed, Fault.FlushedNotTold])
        {
            for (var ordinal = 1; ordinal <= undisturbed.Passed(fault); ordinal++)
            {
                yield return new Crash(fault, ordinal);
            }
        }

        for (var commit = 1; commit <= undisturbed.CommitSizes.Count; commit++)
        {
            for (var prefix = 1; prefix < undisturbed.CommitSizes[commit - 1]; prefix++)
            {
                yield return new Crash(Fault.PrefixDurable, commit, prefix);
            }
        }
    }

    private static Crash AnyCrash(Random random, int most)
    {
        var faults = Enum.GetValues<Fault>();
        return new Crash(faults[random.Next(faults.Length)], 1 + random.Next(most), 1 + random.Next(3));
    }

    // The same world again, with its trace.
    private async Task<string> ReportAsync(int seed, Scenario scenario, IReadOnlyList<Crash> crashes, World? undisturbed)
    {
        using var world = new World(scenario, seed, crashes, mutant, onlyLaw, isTraced: true);
        await world.RunAsync();
        if (undisturbed is not null)
        {
            Compare(undisturbed, world);
        }

        var report = new StringBuilder();
        report.AppendLine($"Law {world.Broken?.Law}: {world.Broken?.Message ?? "(the second simulation of this seed broke no law: it is not deterministic)"}");
        report.AppendLine($"Seed {seed}, crashes: {(crashes.Count == 0 ? "none" : string.Join("; ", crashes))}");
        report.AppendLine(scenario.Text);
        foreach (var line in world.Trace)
        {
            report.AppendLine(line);
        }

        return report.ToString();
    }
}
