namespace Sluice.Crash.Tests;

/// <summary>The host is asked to stop, as a service manager asks it.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task A_stop_under_load_answers_every_caller_whose_run_began_and_loses_no_run()
    {
        using var folders = new HostFolders("plain", "accepted", "middle");
        var load = new Load("plain", "accepted", "middle");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            await load.RunAsync(host, after: 100, host.Terminate);
            Assert.Equal(0, await host.ExitAsync());
        }

        var atStop = JournalFile.Read(folders.Data);
        var answered = load.Exchanges.Where(exchange => exchange.Status is not null).Select(exchange => exchange.Number).ToHashSet();
        Assert.All(atStop.Values, run => Assert.True(answered.Contains(run.Number), $"Request {run.Number} became run {run.Id}, and its caller was cut off."));
        Assert.All(load.Exchanges, exchange => Assert.True(exchange.Status is null or 200 or 202 or 503, exchange.ToString()));

        (await KillTests.FinishAsync(folders, load.Exchanges)).Check(load.SeenSteps);
    }

    [Fact]
    public async Task A_caller_who_waits_for_a_long_step_is_told_of_the_stop_and_the_step_runs_again_at_the_next_start()
    {
        using var folders = new HostFolders("waiting");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            using var client = new HostClient(host);
            var call = client.PostAsync("waiting", 5);
            await folders.Witness.WhenAsync(line => line is { Begins: true, Step: "hold" }, host);
            host.Terminate();

            Assert.Equal(503, (await call).Status);
            Assert.Equal(0, await host.ExitAsync());
        }

        var aftermath = await KillTests.FinishAsync(folders, []);

        aftermath.EveryRunSucceededOnce();
        aftermath.EveryAttemptHasTheNextNumberAndTheSameKey();
        Assert.Equal([1, 2], folders.Witness.Read().Where(line => line.Begins).Select(line => line.Attempt));
    }
}
