namespace Sluice.Crash.Tests;

/// <summary>The host is killed and started again on what it left behind.</summary>
public sealed class KillTests
{
    private const int Rounds = 3;

    [Fact]
    public async Task A_host_killed_under_load_again_and_again_keeps_every_promise()
    {
        // Another seed each time; a failure names it, and it can be written here to see the same kills again.
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var told = $"Seed {seed}.";
        try
        {
            using var folders = new HostFolders("plain", "accepted", "middle");
            var load = new Load("plain", "accepted", "middle");
            for (var round = 1; round <= Rounds; round++)
            {
                // The load begins while the runs of the round before are still taken up.
                await using var host = await HostProcess.StartAsync(folders);
                var after = random.Next(20, 160);
                told += $" Round {round}: killed after {after} answers.";
                await load.RunAsync(host, after, host.Kill);
                await host.ExitAsync();
            }

            await using (var host = await HostProcess.StartAsync(folders))
            {
                told += " Killed at the start.";
                host.Kill();
                await host.ExitAsync();
            }

            var aftermath = await FinishAsync(folders, load.Exchanges);
            aftermath.Check(load.SeenSteps);
            Assert.True(aftermath.CutOff > 0, "No kill met a step in the air, so nothing was shown; raise the delays of the workflows.");
            Assert.NotEmpty(load.SeenSteps);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{told} {failure.Message}", failure);
        }
    }

    [Fact]
    public async Task A_step_in_the_air_at_each_of_two_kills_runs_a_third_time_under_the_same_key()
    {
        using var folders = new HostFolders("held");
        Exchange? exchange = null;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await using var host = await HostProcess.StartAsync(folders);
            if (attempt == 1)
            {
                using var client = new HostClient(host);
                exchange = await client.PostAsync("held", 7);
                Assert.Equal(200, exchange.Status);
            }

            await folders.Witness.WhenAsync(line => line is { Begins: true, Step: "hold" } && line.Attempt == attempt, host);
            host.Kill();
            await host.ExitAsync();
        }

        var aftermath = await FinishAsync(folders, [exchange!]);

        aftermath.Check([]);
        var run = exchange!.Run;
        Assert.Equal(
            [
                $"begin before {run}:before 1", $"end before {run}:before 1",
                $"begin hold {run}:hold 1", $"begin hold {run}:hold 2", $"begin hold {run}:hold 3", $"end hold {run}:hold 3",
                $"begin after {run}:after 1", $"end after {run}:after 1",
            ],
            folders.Witness.Read().Select(line => $"{(line.Begins ? "begin" : "end")} {line.Step} {line.IdempotencyKey} {line.Attempt}"));
    }

    [Fact]
    public async Task A_run_whose_caller_was_cut_off_goes_on_and_says_that_its_reply_was_not_sent()
    {
        using var folders = new HostFolders("waiting");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            using var client = new HostClient(host);
            var call = client.PostAsync("waiting", 3);
            await folders.Witness.WhenAsync(line => line is { Begins: true, Step: "hold" }, host);
            host.Kill();
            Assert.Null((await call).Status);
            await host.ExitAsync();
        }

        await FinishAsync(folders, []);

        var run = Assert.Single(JournalFile.Read(folders.Data)).Value;
        Assert.Empty(run.Of("reply"));
        Assert.Contains("Nobody waits for this run", Assert.Single(run.Of("warning")).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(run.Of("step")[^1].GetProperty("output").GetProperty("sent").GetBoolean());
    }

    /// <summary>Starts a last host, lets it finish what the others left, stops it, and looks at what there is then.</summary>
    internal static async Task<Aftermath> FinishAsync(HostFolders folders, IEnumerable<Exchange> exchanges, string? data = null)
    {
        await using var host = await HostProcess.StartAsync(folders, data);
        using var client = new HostClient(host);
        await client.WhenAllRunsHaveEndedAsync();
        var listed = await client.ListAsync();
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());

        var journal = JournalFile.Read(data ?? folders.Data);
        Assert.Equal(journal.Keys.Order(StringComparer.Ordinal), listed.Keys.Order(StringComparer.Ordinal));
        Assert.All(listed.Values, status => Assert.Equal("succeeded", status));
        return new Aftermath(exchanges, journal, folders.Witness.Read());
    }
}
