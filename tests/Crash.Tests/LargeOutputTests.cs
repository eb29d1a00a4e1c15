using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sluice.Crash.Tests;

/// <summary>A run whose host is killed between the step that made a large output and the step that reads it.</summary>
public sealed class LargeOutputTests
{
    [Fact]
    public async Task A_large_output_is_read_after_a_kill_byte_for_byte_and_its_secret_is_in_no_file()
    {
        using var folders = new HostFolders("large");
        string run;
        await using (var host = await HostProcess.StartAsync(folders))
        {
            using var client = new HostClient(host);
            run = (await client.PostAsync("large", 7)).Run!;
            await folders.Witness.WhenAsync(line => line is { Begins: true, Step: "hold" }, host);
            host.Kill();
            await host.ExitAsync();
        }

        await using var next = await HostProcess.StartAsync(folders);
        using var nextClient = new HostClient(next);
        var shown = await nextClient.WhenAsync(run, "succeeded", next);

        var kept = shown.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("key").GetString() == "kept");
        Assert.Equal((1, JsonValueKind.Null), (kept.GetProperty("attempt").GetInt32(), kept.GetProperty("output").ValueKind));
        Assert.True(kept.GetProperty("output_bytes").GetInt32() > 1_000_000);
        var copy = JsonElement.Parse(await nextClient.TextAsync($"/api/runs/{run}/outputs/copy"));
        Assert.Equal($"number 7{string.Concat(Enumerable.Repeat(", ", 500_000))}", copy.GetProperty("text").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(HostProcess.Secret))), copy.GetProperty("token").GetString());
        next.Terminate();
        Assert.Equal(0, await next.ExitAsync());
        Assert.All(
            Directory.EnumerateFiles(folders.Data, "*", SearchOption.AllDirectories),
            file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(HostProcess.Secret))));
    }
}
