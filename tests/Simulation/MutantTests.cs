using Sluice.Simulation.Laws;
using Sluice.Simulation.Workflows;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation;

/// <summary>The simulator finds the defects that it is for: with a cure taken out, a law breaks within so many seeds.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    private const int MostSeeds = 200;

    // A pure step makes up an identifier beside a secret, and two steps that touch the world read it.
    private const string TwoReaders =
        """
        name: simulated
        trigger: { type: webhook, config: { path: /x } }
        steps:
          - { key: made, type: echo, config: { id: "{{ uuid() }}", auth: "{{ secrets.token }}" } }
          - { key: first, type: call, config: { id: "{{ made.output.id }}" } }
          - { key: second, type: call, config: { id: "{{ made.output.id }}" } }
        """;

    // A gate that echoes a secret leaves by chance.
    private const string GateOnChance =
        """
        name: simulated
        trigger: { type: webhook, config: { path: /x } }
        steps:
          - key: gate
            type: gate
            config: { port: "{{ uuid() < '8' ? 'left' : 'right' }}", auth: "{{ secrets.token }}" }
            branches:
              left: [{ key: one, type: call }]
              right: [{ key: other, type: call }]
        """;

    private const string InFlight =
        """
        name: simulated
        trigger: { type: webhook, config: { path: /x } }
        steps:
          - { key: pay, type: call, config: { at: "{{ now() }}", id: "{{ uuid() }}" } }
        """;

    [Fact]
    public async Task A_pure_step_with_a_secret_that_runs_again_is_found() =>
        await FindAsync(Mutants.NoSecretReferences, (simulator, seed) => simulator.CheckEverywhereAsync(seed), 3);

    [Fact]
    public async Task A_secret_that_is_not_restored_is_found() =>
        await FindAsync(Mutants.RedactedSecrets, (simulator, seed) => simulator.CheckEverywhereAsync(seed), 3, 4);

    [Fact]
    public async Task An_identifier_that_changes_between_two_steps_is_found() => await FindInAsync(TwoReaders, Mutants.NoSecretReferencesAndMomentsAnew, 4, "was called with");

    [Fact]
    public async Task A_gate_that_takes_the_other_branch_is_found() => await FindInAsync(GateOnChance, Mutants.NoSecretReferencesAndMomentsAnew, 4, "both branches of r1/gate");

    [Fact]
    public async Task A_call_in_flight_that_gets_another_config_under_its_key_is_found() =>
        await FindAsync(Mutants.MomentsAnew, (simulator, seed) => simulator.CheckEverywhereAsync(seed), 3);

    [Fact]
    public async Task A_call_in_flight_that_gets_another_config_is_found_in_the_smallest_workflow() => await FindInAsync(InFlight, Mutants.MomentsAnew, 3, "with two configs");

    [Fact]
    public async Task A_run_that_kills_its_host_at_every_start_is_found() =>
        await FindAsync(Mutants.NoDeaths, (simulator, seed) => simulator.CheckPoisonedAsync(seed), 1);

    [Fact]
    public async Task A_forgotten_start_is_found() => await FindAsync(Mutants.NoStarts, (simulator, seed) => simulator.CheckEverywhereAsync(seed), 3, 5);

    [Fact]
    public async Task A_forgotten_end_is_found() => await FindAsync(Mutants.NoEnds, (simulator, seed) => simulator.CheckEverywhereAsync(seed), 3);

    [Fact]
    public async Task A_forgotten_reply_is_found() => await FindAsync(Mutants.NoReplies, (simulator, seed) => simulator.CheckEverywhereAsync(seed), 2);

    private async Task FindAsync(Mutant mutant, Func<Simulator, int, Task<string?>> check, params int[] laws)
    {
        var simulator = new Simulator(mutant);
        for (var seed = 1; seed <= MostSeeds; seed++)
        {
            if (await check(simulator, seed) is { } report)
            {
                output.WriteLine($"{simulator.Worlds} worlds\n{report}");
                Assert.Contains(laws, number => report.StartsWith($"Law {number}:", StringComparison.Ordinal));
                return;
            }
        }

        Assert.Fail($"No law broke in {MostSeeds} seeds.");
    }

    private async Task FindInAsync(string workflow, Mutant mutant, int law, string what)
    {
        var scenario = Scenario.Of(workflow, RandomScenario.Request(new Random(1), "r1", key: null)) with { BranchesOnMoment = workflow == GateOnChance };
        for (var seed = 1; seed <= MostSeeds; seed++)
        {
            Assert.Null(await new Simulator().CheckAsync(seed, scenario, isExhaustive: true));
            if (await new Simulator(mutant, law).CheckAsync(seed, scenario, isExhaustive: true) is { } report)
            {
                output.WriteLine(report);
                Assert.Contains(what, report.Split('\n')[0], StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail($"No law broke in {MostSeeds} seeds.");
    }
}
