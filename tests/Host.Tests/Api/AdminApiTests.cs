using System.Text.Json;

namespace Sluice.Host.Tests.Api;

public sealed class AdminApiTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_webhook_and_the_health_routes_take_any_host_and_origin()
    {
        await Host.PublishAsync("from-anywhere", "  - { key: answer, type: webhook_response }");
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/hooks/from-anywhere"), (HttpMethod.Get, "/healthz"), (HttpMethod.Get, "/readyz") })
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Host = "hooks.example.com";
            request.Headers.TryAddWithoutValidation("Origin", "https://shop.example");

            Assert.Equal(200, (await Host.SendAsync(request)).Status);
        }
    }

    [Fact]
    public async Task The_host_says_that_it_is_alive_and_ready()
    {
        Assert.Equal("alive\n", (await Host.GetAsync("/healthz")).Body);
        Assert.Equal("ready\n", (await Host.GetAsync("/readyz")).Body);
    }

    [Fact]
    public async Task The_metrics_count_answers_and_runs_in_prometheus_text()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder);
        await host.PublishAsync("counted", "  - { key: answer, type: webhook_response, config: { status: \"{{ trigger.output.body }}\" } }");
        foreach (var body in new[] { "207", "207", "1" })
        {
            await host.EndOfAsync(await host.PostAsync("/hooks/counted", body));
        }

        var metrics = await host.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4", metrics.Header("Content-Type"));
        var lines = metrics.Body.Split('\n');
        Assert.Contains("sluice_webhook_answers_total{status=\"207\"} 2", lines);
        Assert.Contains("sluice_webhook_answers_total{status=\"422\"} 1", lines);
        Assert.Contains("sluice_runs_ended_total{status=\"succeeded\"} 2", lines);
        Assert.Contains("sluice_runs_ended_total{status=\"failed\"} 1", lines);
        Assert.Contains("sluice_runs_active 0", lines);
        Assert.Contains("sluice_callers_waiting 0", lines);
        Assert.Contains("sluice_journal_writable 1", lines);
        Assert.Contains("sluice_plugins{state=\"active\"} 4", lines);
        Assert.All(lines.Where(line => line.Length > 0), line => Assert.Matches("^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+({[a-z]+=\"[a-z0-9-]+\"})? [0-9]+|[a-z_]+(_bucket{le=\"([0-9.]+|[+]Inf)\"} [0-9]+|_sum [0-9.]+(E-[0-9]+)?))$", line));
    }

    [Fact]
    public async Task Plugins_are_listed_with_their_state_and_nodes()
    {
        var plugins = (await Host.GetAsync("/api/plugins")).Json.EnumerateArray().ToArray();

        Assert.All(plugins, plugin => Assert.Equal(
            ["name", "version", "hash", "state", "reason", "nodes", "folder", "in_folder", "running_calls", "written_off", "isolation", "isolations", "pid",
             "process_restarts"], plugin.EnumerateObject().Select(member => member.Name)));
        var logic = plugins.Single(plugin => plugin.Text("name") == "Logic");
        Assert.Equal(("active", null), (logic.Text("state"), logic.Text("reason")));
        Assert.Matches("^[0-9a-f]{64}$", logic.Text("hash"));
        Assert.Contains("logic_gate", logic.GetProperty("nodes").EnumerateArray().Select(node => node.GetString()));
    }

    [Fact]
    public async Task A_plugin_that_is_no_plugin_is_rejected_with_a_reason_and_disturbs_nothing()
    {
        using var folder = new TestFolder();
        var plugins = Directory.CreateTempSubdirectory("sluice-plugins-");
        try
        {
            Directory.CreateDirectory(Path.Combine(plugins.FullName, "Empty"));
            Directory.CreateSymbolicLink(Path.Combine(plugins.FullName, "Logic"), Path.Combine(AppContext.BaseDirectory, "plugins", "Logic"));
            await using var host = await TestHost.StartAsync(folder, ("Plugins:Directory", plugins.FullName));

            var states = (await host.GetAsync("/api/plugins")).Json.EnumerateArray().ToDictionary(plugin => plugin.Text("name")!);

            Assert.Equal("rejected", states["Empty"].Text("state"));
            Assert.NotEmpty(states["Empty"].Text("reason")!);
            Assert.Equal("active", states["Logic"].Text("state"));
        }
        finally
        {
            plugins.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Nodes_are_listed_with_their_whole_spec()
    {
        var nodes = (await Host.GetAsync("/api/nodes")).Json.EnumerateArray().ToArray();

        Assert.All(nodes, node => Assert.Equal(
            ["type", "name", "category", "summary", "plugin", "effect", "on_repeat", "ports", "config_schema", "output_schema", "examples"],
            node.EnumerateObject().Select(member => member.Name)));
        var gate = nodes.Single(node => node.Text("type") == "logic_gate");
        Assert.Equal(["true", "false"], gate.GetProperty("ports").EnumerateArray().Select(port => port.Text("name")));
        Assert.Equal("none", gate.Text("effect"));
        Assert.False(gate.GetProperty("config_schema").GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(JsonValueKind.Object, gate.GetProperty("examples")[0].GetProperty("config").ValueKind);
    }

    [Fact]
    public async Task An_unknown_admin_route_is_answered_404()
    {
        Assert.Equal(404, (await Host.GetAsync("/api/nothing")).Status);
        Assert.Equal(404, (await Host.GetAsync("/")).Status);
        Assert.Equal(405, (await Host.SendAsync(HttpMethod.Delete, "/api/runs")).Status);
    }
}
