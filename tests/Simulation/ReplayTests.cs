using Sluice.Simulation.Workflows;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation;

public sealed class ReplayTests
{
    [Fact]
    public async Task A_seed_gives_the_same_trace_each_time()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var crashes = Simulator.TwoCrashes(new Random(seed));
            var first = await new Simulator().TraceOfAsync(seed, RandomScenario.Of(new Random(seed), steps: 10, requests: 4), crashes);
            var second = await new Simulator().TraceOfAsync(seed, RandomScenario.Of(new Random(seed), steps: 10, requests: 4), crashes);

            Assert.Equal(first, second);
        }
    }

    [Fact]
    public async Task Another_seed_gives_another_trace()
    {
        var scenario = RandomScenario.Of(new Random(3), steps: 10, requests: 4);

        Assert.NotEqual(await new Simulator().TraceOfAsync(1, scenario, FaultPlan.None), await new Simulator().TraceOfAsync(2, scenario, FaultPlan.None));
    }
}
