using Sluice.Engine.Journal;
namespace Sluice.Host.Tests.Composition;

/// <summary>Runs beyond the retention, as callers and operators see them.</summary>
public sealed class RetentionTests : IDisposable
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { body: done } }";

    private readonly TestFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_deleted_run_is_gone_for_its_caller_and_the_api_and_is_counted()
    {
        await using var host = await TestHost.StartAsync(_folder, ("Retention:MaxRuns", "1"));
        await host.PublishAsync("open", Reply);
        var old = await DeferAsync(host);
        var young = await DeferAsync(host);

        await host.Get<RetentionSweep>().SweepAsync(Token);

        Assert.Equal(404, (await host.GetAsync(old.Header("Location")!)).Status);
        Assert.Equal(200, (await host.GetAsync(young.Header("Location")!)).Status);
        Assert.Equal(404, (await host.GetAsync($"/api/runs/{old.RunId}")).Status);
        Assert.Equal(404, (await host.GetAsync($"/api/requests/{old.RunId}")).Status);
        Assert.Equal(1, await host.CountRunsAsync("open"));
        Assert.Contains("sluice_runs_deleted_total{bound=\"count\"} 1", (await host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_s_own_retention_counts_from_its_publication_on()
    {
        await using var host = await TestHost.StartAsync(_folder);
        await host.PutAsync("own", $"name: own\nretention: {{ runs: 2 }}\ntrigger: {{ type: webhook, config: {{ path: /own }} }}\nsteps:\n{Reply}\n");
        for (var run = 0; run < 5; run++)
        {
            await host.EndOfAsync(await host.PostAsync("/hooks/own"));
        }

        await host.Get<RetentionSweep>().SweepAsync(Token);

        Assert.Equal(2, await host.CountRunsAsync("own"));
    }

    [Fact]
    public async Task A_repeated_delivery_gets_its_reply_although_the_retention_would_not_keep_its_run()
    {
        await using var host = await TestHost.StartAsync(_folder, ("Retention:MaxRuns", "1"));
        await host.PublishAsync("open", Reply);
        var first = await DeferAsync(host, "key-1");
        await DeferAsync(host);

        await host.Get<RetentionSweep>().SweepAsync(Token);
        using var again = new HttpRequestMessage(HttpMethod.Post, "/hooks/open") { Content = new StringContent("{}") };
        again.Headers.Add("Idempotency-Key", "key-1");
        var repeated = await host.SendAsync(again);

        Assert.Equal((200, "done", first.RunId), (repeated.Status, repeated.Body, repeated.RunId));
    }

    private static async Task<Received> DeferAsync(TestHost host, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/open") { Content = new StringContent("{}") };
        request.Headers.Add("Prefer", "respond-async");
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        var accepted = await host.SendAsync(request);
        await host.EndOfAsync(accepted);
        return accepted;
    }
}
