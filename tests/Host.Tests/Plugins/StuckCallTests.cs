using System.Text.Json;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A host whose plugin blocks the threads that it is called on.</summary>
public sealed class StuckCallTests
{
    private const string Blocking = "  - { key: peril, type: peril, config: { do: never_return }, timeout: 500ms }\n" + Answering;
    private const string Answering = "  - { key: answer, type: webhook_response, config: { status: 200, body: { fine: true } } }";

    [Fact]
    public async Task A_plugin_that_holds_three_threads_is_blocked_and_the_others_answer()
    {
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder);
        await host.PublishAsync("blocking", Blocking);
        await host.PublishAsync("harmless", "  - { key: peril, type: peril, config: { do: nothing } }\n" + Answering);
        await host.PublishAsync("other", Answering);

        for (var call = 1; call <= 3; call++)
        {
            Assert.Equal("active", (await PerilsAsync(host)).GetProperty("state").GetString());
            var answer = await host.PostAsync("/hooks/blocking");
            answer.IsProblem(500, "run-failed", hasRun: true);
            Assert.Equal("timeout", (await host.EndOfAsync(answer)).GetProperty("error").GetProperty("kind").GetString());
            Assert.Equal(call, (await PerilsAsync(host)).GetProperty("written_off").GetInt32());
        }

        var plugin = await PerilsAsync(host);
        Assert.Equal("blocked", plugin.GetProperty("state").GetString());
        Assert.Contains("3 calls of its code", plugin.GetProperty("reason").GetString(), StringComparison.Ordinal);
        var error = (await host.EndOfAsync(await host.PostAsync("/hooks/harmless"))).GetProperty("error");
        Assert.Equal("unavailable", error.GetProperty("kind").GetString());
        Assert.Contains("Perils", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await host.PostAsync("/hooks/other")).Status);
        Assert.Contains("\nsluice_plugin_calls_written_off 3\n", (await host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
        Assert.Contains("sluice_plugins{state=\"blocked\"} 1", (await host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_node_blocks_its_thread_is_cancelled_through_the_api()
    {
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder);
        await host.PublishAsync("blocking", "  - { key: ack, type: webhook_response, config: { status: 200 } }\n  - { key: peril, type: peril, config: { do: never_return } }");
        var answer = await host.PostAsync("/hooks/blocking");
        await host.WhenListedAsync("blocking", "running");

        Assert.Equal(200, (await host.SendAsync(HttpMethod.Post, $"/api/runs/{answer.RunId}/cancel")).Status);

        Assert.Equal("cancelled", (await host.EndOfAsync(answer)).GetProperty("status").GetString());
    }

    private static async Task<JsonElement> PerilsAsync(TestHost host) =>
        (await host.GetAsync("/api/plugins")).Json.EnumerateArray().Single(plugin => plugin.GetProperty("name").GetString() == "Perils");

    private static Task<TestHost> StartAsync(TestFolder folder)
    {
        var plugins = Directory.CreateDirectory(Path.Combine(folder.Data, "..", "stuck-plugins")).FullName;
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Logic"), Path.Combine(plugins, "Logic"));
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Notifications"), Path.Combine(plugins, "Notifications"));
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", "Perils"), Path.Combine(plugins, "Perils"));
        return TestHost.StartAsync(folder, ("Plugins:Directory", plugins));
    }
}
