namespace Sluice.Simulation;

public sealed class LawTests(ITestOutputHelper output)
{
    [Fact]
    public Task Small_workflows_keep_the_laws_at_every_place_under_every_fault() => SimulateAsync((simulator, seed) => simulator.CheckEverywhereAsync(seed));

    [Fact]
    public Task Large_workflows_with_several_runs_keep_the_laws_under_sampled_faults() => SimulateAsync((simulator, seed) => simulator.CheckSampledAsync(seed));

    [Fact]
    public Task A_run_that_kills_its_host_is_quarantined_and_the_others_keep_the_laws() => SimulateAsync((simulator, seed) => simulator.CheckPoisonedAsync(seed));

    private async Task SimulateAsync(Func<Simulator, int, Task<string?>> check)
    {
        var simulator = new Simulator();
        var seeds = Seeds.All(TestContext.Current.CancellationToken);
        var count = 0;
        foreach (var seed in seeds)
        {
            count++;
            if (await check(simulator, seed) is { } report)
            {
                Assert.Fail($"{report}\nTo simulate this seed alone: {Seeds.Variable}={seed} dotnet test --project tests/Simulation");
            }
        }

        output.WriteLine($"{count} seeds, {simulator.Worlds} worlds");
        Assert.True(simulator.Worlds > count);
    }
}
