using System.Net;

namespace Sluice.Crash.Tests;

/// <summary>The database disappears, while the host runs or while it does not.</summary>
public sealed class LostDatabaseTests
{
    [Fact]
    public async Task A_database_that_is_deleted_under_load_ends_every_acknowledgement_and_none_that_was_given_is_lost()
    {
        using var folders = new HostFolders("plain", "accepted", "middle");
        var load = new Load("plain", "accepted", "middle");
        var file = Path.Combine(folders.Data, "sluice.db");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            await load.RunAsync(host, after: 60, () => File.Delete(file));

            using var client = new HostClient(host);
            Assert.Equal(503, (await client.PostAsync("plain", 1_000_000)).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await client.ReadinessAsync());
            await host.WhenAsync("is saved in");
            host.Terminate();
            await host.ExitAsync();
        }

        var (exitCode, output) = await HostProcess.FailToStartAsync(folders);
        Assert.Equal(1, exitCode);
        Assert.Contains($"{file} is gone", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);

        File.Move(Assert.Single(Directory.GetFiles(folders.Data, "sluice.db.saved-*")), file);
        var aftermath = await KillTests.FinishAsync(folders, load.Exchanges);
        aftermath.NothingAcknowledgedIsLost();
        aftermath.EveryRunSucceededOnce();
    }

    [Fact]
    public async Task A_write_ahead_log_that_is_lost_after_a_kill_is_refused_until_the_loss_is_accepted()
    {
        using var folders = new HostFolders("plain", "middle");
        var load = new Load("plain", "middle");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            await load.RunAsync(host, after: 20, host.Kill);
            await host.ExitAsync();
        }

        File.Delete(Path.Combine(folders.Data, "sluice.db-wal"));

        var (exitCode, output) = await HostProcess.FailToStartAsync(folders);
        Assert.Equal(1, exitCode);
        Assert.Contains("--accept-loss", output, StringComparison.Ordinal);

        await using var accepted = await HostProcess.StartAsync(folders, more: "--accept-loss");
        using var client = new HostClient(accepted);
        Assert.Equal(200, (await client.PostAsync("plain", 1)).Status);
    }
}
