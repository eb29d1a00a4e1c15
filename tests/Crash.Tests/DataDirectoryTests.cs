using System.Security.Cryptography;

namespace Sluice.Crash.Tests;

/// <summary>What a host finds in its data directory, and who else is there.</summary>
public sealed class DataDirectoryTests
{
    [Fact]
    public async Task A_second_host_on_a_data_directory_is_refused_and_leaves_the_first_unharmed()
    {
        using var folders = new HostFolders("middle");
        await using var first = await HostProcess.StartAsync(folders);
        var copies = Copies();
        var otherPlugins = Directory.CreateDirectory(folders.Beside("other-plugins")).FullName;

        var (exitCode, output) = await HostProcess.FailToStartAsync(folders, otherPlugins);

        Assert.Equal(1, exitCode);
        Assert.Contains($"The data directory {folders.Data} is used by another host", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(copies, Copies());
        using var client = new HostClient(first);
        Assert.Equal(200, (await client.PostAsync("middle", 1)).Status);

        string[] Copies() => [.. Directory.GetFiles(Path.Combine(folders.Data, "plugin-shadows"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_log_with_a_torn_or_alien_tail_opens_with_every_acknowledged_run()
    {
        using var folders = new HostFolders("plain", "accepted", "middle");
        var load = new Load("plain", "accepted", "middle");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            await load.RunAsync(host, after: 40, host.Kill);
            await host.ExitAsync();
        }

        await FinishWithTailAsync("torn", log => [.. log.AsSpan(log.Length - (FrameBytes(log) / 2))]);
        await FinishWithTailAsync("alien", _ => RandomNumberGenerator.GetBytes(20_000));

        // The same runs twice, each time on a copy of what the kill left: the witness has seen more than one life, so the journal alone is asked.
        async Task FinishWithTailAsync(string name, Func<byte[], byte[]> tail)
        {
            var data = folders.Beside(name);
            HostFolders.Copy(folders.Data, data);
            var file = Path.Combine(data, "sluice.db-wal");
            var log = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            await File.AppendAllBytesAsync(file, tail(log), TestContext.Current.CancellationToken);

            var aftermath = await KillTests.FinishAsync(folders, load.Exchanges, data);

            aftermath.NothingAcknowledgedIsLost();
            aftermath.EveryRunSucceededOnce();
            aftermath.NoRunRepliedTwice();
        }
    }

    // A frame of the write-ahead log is a header of 24 bytes and a page (sqlite.org/fileformat2.html, section 4.1); the page's size stands at byte 8.
    private static int FrameBytes(byte[] log) => 24 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8));
}
