using System.Diagnostics;
using System.Text.Json;
using Sluice.Engine.Plugins;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A plugin whose code never returns, on a running host, as an operator meets it.</summary>
public sealed class BlockedPluginTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly DirectoryInfo _plugins = Directory.CreateTempSubdirectory("sluice-blocked-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _plugins.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_rejected_the_others_go_on_and_the_next_start_comes_up_with_them()
    {
        await using (var host = await StartAsync("5"))
        {
            Place("Blocking", "Blocking", blocksIn: "constructor");
            await WhenAsync(host, "Blocking", "rejected");
            Place("Weather1.0.0", "Weather");
            await WhenAsync(host, "Weather", "active");

            var rejected = await PluginAsync(host, "Blocking");
            Assert.Contains("The constructor of Faulty.Blocking did not end within 5 s", rejected.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.Equal(1, rejected.GetProperty("written_off").GetInt32());
            Assert.Contains("sluice_plugin_calls_written_off 1", (await host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
            Assert.Equal(200, (await host.GetAsync("/readyz")).Status);
        }

        await using (var next = await StartAsync("5"))
        {
            Assert.Equal("rejected", (await PluginAsync(next, "Blocking")).GetProperty("state").GetString());
            Assert.Equal("active", (await PluginAsync(next, "Weather")).GetProperty("state").GetString());

            File.Delete(Path.Combine(_plugins.FullName, "Blocking", "blocks.txt"));
            await WhenAsync(next, "Blocking", "active");
        }
    }

    [Fact]
    public async Task A_check_that_blocks_refuses_the_workflow_at_the_deadline()
    {
        Place("Blocking", "Blocking", blocksIn: "publishing");
        await using var host = await StartAsync("5");

        var refused = await host.SendAsync(
            HttpMethod.Put, "/api/workflows/waits", "name: waits\ntrigger: { type: webhook, config: { path: /waits } }\nsteps:\n  - { key: step, type: blocking, config: { wait: true } }\n");

        Assert.Equal(422, refused.Status);
        var error = Assert.Single(refused.Json.GetProperty("errors").EnumerateArray());
        Assert.Contains("It did not return within 5 s", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await host.PublishAsync("does-not", "  - { key: step, type: blocking, config: { wait: false } }");
    }

    [Fact]
    public async Task The_host_ends_on_SIGTERM_while_a_plugin_blocks()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGTERM on Windows.");
        var start = new ProcessStartInfo("dotnet",
        [
            SluiceProgram.Program, "serve", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", "--plugins", _plugins.FullName, "--workflows", _folder.Workflows, "--data", _folder.Data,
        ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["SLUICE__PLUGINS__LOADTIMEOUTSECONDS"] = "3600";
        using var host = Process.Start(start)!;
        try
        {
            while (await host.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token) is { } line && !line.StartsWith("Sluice listens on", StringComparison.Ordinal))
            {
            }

            Place("Blocking", "Blocking", blocksIn: "constructor");
            // Its copy is there: the constructor comes next.
            await UntilAsync(() => Task.FromResult(Directory.EnumerateFiles(_folder.Data, "blocks.txt", SearchOption.AllDirectories)
                .Any(copy => !copy.Contains("incoming", StringComparison.Ordinal))));

            using var signal = Process.Start("kill", ["-TERM", $"{host.Id}"]);
            await host.WaitForExitAsync(Token).WaitAsync(TestHost.Patience, Token);

            Assert.Equal(0, host.ExitCode);
        }
        finally
        {
            if (!host.HasExited)
            {
                host.Kill();
            }
        }
    }

    [Fact]
    public async Task A_host_whose_plugin_management_is_stuck_is_not_ready_and_says_only_that()
    {
        await using var host = await StartAsync("0.5");
        using var change = host.Get<PluginHost>().Watch("a test");

        await UntilAsync(async () => (await host.GetAsync("/readyz")).Status == 503);

        Assert.Equal("plugin management is stuck\n", (await host.GetAsync("/readyz")).Body);
        Assert.Contains("sluice_plugin_management_stuck 1", (await host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
        change.Dispose();
        Assert.Equal(200, (await host.GetAsync("/readyz")).Status);
    }

    private Task<TestHost> StartAsync(string loadTimeout) =>
        TestHost.StartAsync(_folder, ("Plugins:Directory", _plugins.FullName), ("Plugins:LoadTimeoutSeconds", loadTimeout));

    private void Place(string fixture, string name, string? blocksIn = null)
    {
        var incoming = Directory.CreateDirectory(Path.Combine(_plugins.FullName, ".incoming")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "fixtures", fixture)))
        {
            File.Copy(file, Path.Combine(incoming, Path.GetFileName(file)));
        }

        if (blocksIn is not null)
        {
            File.WriteAllText(Path.Combine(incoming, "blocks.txt"), blocksIn);
        }

        Directory.Move(incoming, Path.Combine(_plugins.FullName, name));
    }

    private static async Task<JsonElement> PluginAsync(TestHost host, string name) =>
        (await host.GetAsync("/api/plugins")).Json.EnumerateArray().FirstOrDefault(plugin => plugin.GetProperty("name").GetString() == name);

    private static Task WhenAsync(TestHost host, string name, string state) =>
        UntilAsync(async () => await PluginAsync(host, name) is { ValueKind: JsonValueKind.Object } plugin && plugin.GetProperty("state").GetString() == state);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TestHost.Patience);
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }
}
