namespace Sluice.Crash.Tests;

/// <summary>A run that ends its host each time it is walked.</summary>
public sealed class QuarantineTests
{
    [Theory]
    [InlineData("killer", "peril")]
    [InlineData("overflow", "peril")]
    [InlineData("pure_killer", "pure_peril")]
    public async Task A_run_that_ended_three_hosts_is_quarantined_at_the_fourth_start(string workflow, string node)
    {
        using var folders = new HostFolders(workflow).WithPerils();
        var run = await DieAsync(folders, workflow);
        await DieAsync(folders);
        await DieAsync(folders);

        await using var host = await HostProcess.StartAsync(folders);
        using var client = new HostClient(host);
        var shown = await client.WhenAsync(run, "quarantined", host);

        var message = shown.GetProperty("message").GetString();
        Assert.Contains($"3 hosts crashed while step kill (node '{node}' of plugin Perils@", message, StringComparison.Ordinal);
        Assert.Contains("\nsluice_runs_quarantined 1\n", await client.TextAsync("/metrics"), StringComparison.Ordinal);
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());
        Assert.Contains(message!, host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_were_beside_a_run_that_ended_three_hosts_go_on_to_their_end()
    {
        using var folders = new HostFolders("killer", "innocent").WithPerils();
        var innocents = new List<string>();
        string killer;
        await using (var host = await HostProcess.StartAsync(folders))
        {
            using var client = new HostClient(host);
            for (var number = 1; number <= 5; number++)
            {
                innocents.Add((await client.PostAsync("innocent", number)).Run!);
            }

            foreach (var innocent in innocents)
            {
                await folders.Witness.WhenAsync(line => line is { Begins: true, Step: "hold" } && line.Run == innocent, host);
            }

            killer = (await client.PostAsync("killer", 6)).Run!;
            await host.ExitAsync();
        }

        await DieAsync(folders);
        await DieAsync(folders);

        await using var last = await HostProcess.StartAsync(folders);
        using var lastClient = new HostClient(last);
        await lastClient.WhenAsync(killer, "quarantined", last);
        foreach (var innocent in innocents)
        {
            await lastClient.WhenAsync(innocent, "succeeded", last);
        }
    }

    [Fact]
    public async Task A_run_that_is_at_the_same_step_at_three_stops_is_not_quarantined()
    {
        using var folders = new HostFolders("stopped");
        var run = "";
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await using var host = await HostProcess.StartAsync(folders);
            using var client = new HostClient(host);
            run = attempt == 1 ? (await client.PostAsync("stopped", 1)).Run! : run;
            await folders.Witness.WhenAsync(line => line is { Begins: true, Step: "hold" } && line.Attempt == attempt, host);
            host.Terminate();
            Assert.Equal(0, await host.ExitAsync());
        }

        await using var last = await HostProcess.StartAsync(folders);
        using var lastClient = new HostClient(last);
        await lastClient.WhenAsync(run, "succeeded", last);
    }

    /// <summary>Starts a host, sends it a request where a workflow is named, and waits for the host to die; gives the request's run.</summary>
    private static async Task<string> DieAsync(HostFolders folders, string? workflow = null)
    {
        await using var host = await HostProcess.StartAsync(folders);
        using var client = new HostClient(host);
        var run = workflow is null ? "" : (await client.PostAsync(workflow, 1)).Run!;
        Assert.NotEqual(0, await host.ExitAsync());
        return run;
    }
}
