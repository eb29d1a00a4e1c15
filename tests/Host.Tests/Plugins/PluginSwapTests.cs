using System.Text.Json;

namespace Sluice.Host.Tests.Plugins;

/// <summary>Plugins swapped, held and moved on a running host, as an operator does it: with folders.</summary>
public sealed class PluginSwapTests : IAsyncLifetime
{
    private const string Steps = """
          - { key: look, type: forecast, config: { city: Oslo } }
          - { key: answer, type: webhook_response, config: { status: 200, body: "{{ look.output.release }}" } }
        """;

    private readonly TestFolder _folder = new();
    private readonly DirectoryInfo _plugins = Directory.CreateTempSubdirectory("sluice-swap-");
    private TestHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Notifications"), Path.Combine(_plugins.FullName, "Notifications"));
        Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Probes"), Path.Combine(_plugins.FullName, "Probes"));
        Place("1.0.0");
        _host = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
        _plugins.Delete(recursive: true);
    }

    [Fact]
    public async Task No_request_fails_while_a_plugin_is_swapped_and_each_run_names_the_version_it_ran_on()
    {
        await _host.PublishAsync("swap", Steps);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var callers = Enumerable.Range(0, 4).Select(_ => CallAsync(enough.Token)).ToArray();

        foreach (var release in new[] { "1.1.0", "1.0.0", "1.1.0" })
        {
            Place(release);
            await WhenAsync(async () => (await _host.PostAsync("/hooks/swap")).Body == $"\"{release}\"" || (await _host.PostAsync("/hooks/swap")).Body == release);
        }

        await enough.CancelAsync();
        Assert.All((await Task.WhenAll(callers)).SelectMany(statuses => statuses), status => Assert.Equal(200, status));
        var run = await _host.EndOfAsync(await _host.PostAsync("/hooks/swap"));
        var plugin = run.Steps().First().GetProperty("plugin");
        Assert.Equal(("Weather", "1.1.0"), (plugin.GetProperty("name").GetString(), plugin.GetProperty("version").GetString()));
        Assert.Equal(64, plugin.GetProperty("hash").GetString()!.Length);

        async Task<List<int>> CallAsync(CancellationToken cancellationToken)
        {
            var statuses = new List<int>();
            while (!cancellationToken.IsCancellationRequested)
            {
                statuses.Add((await _host.PostAsync("/hooks/swap")).Status);
            }

            return statuses;
        }
    }

    [Fact]
    public async Task No_request_fails_while_a_folder_is_deleted_and_another_copied_in_its_place()
    {
        await _host.DisposeAsync();
        _host = await StartAsync(removalGrace: "60");
        await _host.PublishAsync("gap", Steps);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var calling = Task.Run(
            async () =>
            {
                var statuses = new List<int>();
                while (!enough.IsCancellationRequested)
                {
                    statuses.Add((await _host.PostAsync("/hooks/gap")).Status);
                }

                return statuses;
            },
            Token);

        Directory.Delete(Path.Combine(_plugins.FullName, "Weather"), recursive: true);
        await WhenAsync(async () => (await _host.GetAsync("/api/plugins")).Body.Contains("Its folder was removed. It is unloaded 60 s after that", StringComparison.Ordinal));
        Assert.Equal(200, (await _host.PostAsync("/hooks/gap")).Status);
        Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", "Weather1.1.0"), Path.Combine(_plugins.FullName, "Weather"));
        await WhenAsync(async () => (await _host.PostAsync("/hooks/gap")).Body.Contains("1.1.0", StringComparison.Ordinal));

        await enough.CancelAsync();
        Assert.All(await calling, status => Assert.Equal(200, status));
        Assert.DoesNotContain("Its folder was removed", (await _host.GetAsync("/api/plugins")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_whose_plugin_is_removed_answers_503_with_the_reason_until_the_plugin_is_back()
    {
        await _host.PublishAsync("held", Steps);
        Remove();
        await WhenAsync(async () => (await _host.PostAsync("/hooks/held")).Status == 503);

        var refused = await _host.PostAsync("/hooks/held");
        refused.IsProblem(503, "held", hasRun: false);
        Assert.Equal("10", refused.Header("Retry-After"));
        Assert.Contains("waits for the plugin Weather 1.0.0", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var listed = Assert.Single((await _host.GetAsync("/api/workflows")).Json.EnumerateArray());
        Assert.Equal(("held", true), (listed.GetProperty("state").GetString(), listed.GetProperty("enabled").GetBoolean()));
        Assert.Contains("sluice_workflows_held 1", (await _host.GetAsync("/metrics")).Body, StringComparison.Ordinal);

        Place("1.0.0");
        await WhenAsync(async () => (await _host.PostAsync("/hooks/held")).Status == 200);
        Assert.Equal("live", (await _host.GetAsync("/api/workflows/held")).Json.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_host_that_starts_without_the_plugin_holds_the_workflow()
    {
        await _host.PublishAsync("late", Steps);
        await _host.DisposeAsync();
        Remove();
        _host = await StartAsync();

        (await _host.PostAsync("/hooks/late")).IsProblem(503, "held", hasRun: false);

        Place("1.0.0");
        await WhenAsync(async () => (await _host.PostAsync("/hooks/late")).Status == 200);
    }

    [Fact]
    public async Task A_run_that_comes_to_a_step_whose_plugin_is_gone_waits_and_goes_on_when_it_is_back()
    {
        using var mark = new Mark();
        await _host.PublishAsync("waits", $"  - {{ key: first, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Steps}");
        var calling = _host.PostAsync("/hooks/waits");
        await mark.EnteredAsync();
        Remove();
        await WhenAsync(async () => (await _host.GetAsync("/api/workflows/waits")).Json.GetProperty("state").GetString() == "held");

        mark.Open();
        var answer = await calling;
        answer.IsProblem(503, "held", hasRun: true);
        var waiting = await _host.RunAsync(answer.RunId);
        Assert.Equal("suspended", waiting.GetProperty("status").GetString());
        Assert.Contains("The run waits.", waiting.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);

        Place("1.0.0");
        var run = await _host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.Equal(["first", "look", "answer"], run.Steps().Select(step => step.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task A_workflow_stays_on_its_major_number_until_it_is_moved()
    {
        await _host.PublishAsync("major", Steps);
        Place("2.0.0");
        await WhenAsync(async () => Newer(await _host.GetAsync("/api/workflows/major")) == "2.0.0");
        Assert.Contains("1.0.0", (await _host.PostAsync("/hooks/major")).Body, StringComparison.Ordinal);

        Assert.Equal(200, (await _host.SendAsync(HttpMethod.Post, "/api/workflows/major/move-plugins")).Status);

        Assert.Contains("2.0.0", (await _host.PostAsync("/hooks/major")).Body, StringComparison.Ordinal);
        Assert.Null(Newer(await _host.GetAsync("/api/workflows/major")));
    }

    [Fact]
    public async Task A_move_that_does_not_fit_is_422_with_the_errors()
    {
        await _host.PublishAsync("stays", Steps);
        Place("1.2.0");
        await WhenAsync(async () => Newer(await _host.GetAsync("/api/workflows/stays")) == "1.2.0");

        var refused = await _host.SendAsync(HttpMethod.Post, "/api/workflows/stays/move-plugins");

        Assert.Equal(422, refused.Status);
        Assert.Contains("unit", refused.Json.GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Post, "/api/workflows/nobody/move-plugins")).Status);
    }

    private static string? Newer(Received workflow) =>
        workflow.Json.GetProperty("plugins").EnumerateArray().First(plugin => plugin.GetProperty("type").GetString() == "forecast").GetProperty("newer") is
        { ValueKind: JsonValueKind.Object } newer ? newer.GetProperty("version").GetString() : null;

    private Task<TestHost> StartAsync(string removalGrace = "0.1") =>
        TestHost.StartAsync(_folder, ("Plugins:Directory", _plugins.FullName), ("Plugins:RemovalGraceSeconds", removalGrace));

    private void Place(string release)
    {
        var incoming = Path.Combine(_plugins.FullName, ".incoming");
        Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", $"Weather{release}"), incoming);
        Remove();
        Directory.Move(incoming, Path.Combine(_plugins.FullName, "Weather"));
    }

    private void Remove()
    {
        var folder = Path.Combine(_plugins.FullName, "Weather");
        if (Directory.Exists(folder))
        {
            Directory.Move(folder, Path.Combine(_plugins.FullName, $".old-{Guid.NewGuid():N}"));
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    // The watcher comes by itself; how soon is not what these tests are about.
    private static async Task WhenAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TestHost.Patience);
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }
    }
}
