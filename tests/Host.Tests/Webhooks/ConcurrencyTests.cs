namespace Sluice.Host.Tests.Webhooks;

/// <summary>The trigger's <c>max_concurrent</c>, over real HTTP.</summary>
public sealed class ConcurrencyTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_request_beyond_the_runs_that_a_workflow_allows_gets_503_at_once_until_one_of_them_is_over()
    {
        using var mark = new Mark();
        await Host.PublishAsync("busy", Waiting(mark), "max_concurrent: 2");
        var first = await Host.PostAsync("/hooks/busy");
        var second = await Host.PostAsync("/hooks/busy");

        var refused = await Host.PostAsync("/hooks/busy");

        Assert.Equal((202, 202), (first.Status, second.Status));
        refused.IsProblem(503, "workflow-busy", hasRun: false);
        Assert.Equal("1", refused.Header("Retry-After"));
        mark.Open();
        await Host.EndOfAsync(first);
        await Host.EndOfAsync(second);
        await Host.WhenLoadIsAsync("busy", 0);
        Assert.Equal(202, (await Host.PostAsync("/hooks/busy")).Status);
    }

    [Fact]
    public async Task However_many_come_at_once_no_more_runs_than_allowed_are_under_way()
    {
        using var mark = new Mark();
        await Host.PublishAsync("rush", Waiting(mark), "max_concurrent: 3");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Host.PostAsync("/hooks/rush")));

        Assert.Equal(3, answers.Count(answer => answer.Status == 202));
        Assert.Equal(17, answers.Count(answer => answer.Status == 503));
    }

    [Fact]
    public async Task Runs_of_an_older_version_count_too()
    {
        using var mark = new Mark();
        await Host.PublishAsync("older", Waiting(mark));
        Assert.Equal(202, (await Host.PostAsync("/hooks/older")).Status);
        await Host.PublishAsync("older", Waiting(mark), "max_concurrent: 1");

        (await Host.PostAsync("/hooks/older")).IsProblem(503, "workflow-busy", hasRun: false);
    }

    [Fact]
    public async Task Runs_that_a_new_start_of_the_host_took_up_count_too()
    {
        using var folder = new TestFolder();
        using var mark = new Mark();
        await using (var before = await TestHost.StartAsync(folder, ("ShutdownGraceSeconds", "0")))
        {
            await before.PublishAsync("resumed", Waiting(mark), "max_concurrent: 1");
            Assert.Equal(202, (await before.PostAsync("/hooks/resumed")).Status);
        }

        await using var after = await TestHost.StartAsync(folder, ("ShutdownGraceSeconds", "0"));
        await after.WhenLoadIsAsync("resumed", 1);

        (await after.PostAsync("/hooks/resumed")).IsProblem(503, "workflow-busy", hasRun: false);
        mark.Open();
    }

    private static string Waiting(Mark mark) => $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}";
}
