using Sluice.Engine.Execution;

namespace Sluice.Engine.Tests.Execution;

public sealed class WorkflowLoadsTests
{
    [Fact]
    public void No_more_are_counted_than_the_bound_says()
    {
        var load = new WorkflowLoad();

        Assert.Equal([true, true, false], [load.TryEnter(2), load.TryEnter(2), load.TryEnter(2)]);
        load.Leave();
        Assert.True(load.TryEnter(2));
        Assert.Equal(2, load.Count);
    }

    [Fact]
    public void What_is_counted_whatever_the_bound_keeps_others_out()
    {
        var load = new WorkflowLoads().Of("orders");
        load.Enter();
        load.Enter();

        Assert.False(load.TryEnter(2));
    }

    [Fact]
    public void A_workflow_has_one_load()
    {
        var loads = new WorkflowLoads();

        Assert.Same(loads.Of("orders"), loads.Of("orders"));
        Assert.NotSame(loads.Of("orders"), loads.Of("payments"));
    }
}
