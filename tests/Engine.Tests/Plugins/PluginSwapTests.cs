using System.Text;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins;

public sealed class PluginSwapTests : IAsyncDisposable
{
    private readonly PluginSandbox _sandbox = new();
    private readonly Users _users = new();

    public PluginSwapTests() => _sandbox.Host.Users = _users;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task A_changed_folder_is_switched_to_and_its_old_version_is_unloaded()
    {
        await LoadAsync("Weather1.0.0");
        var old = _sandbox.Node("forecast");

        _sandbox.Replace("Weather", "Weather1.1.0");
        await _sandbox.ApplyAsync("Weather");

        Assert.Equal("1.1.0", await RunAsync(_sandbox.Node("forecast")));
        Assert.Equal("1.1.0", await RunAsync(old));
        Assert.Equal(1, _sandbox.Host.Swaps);
        await _sandbox.WaitAsync(() => _sandbox.Host.Unloaded == 1);
        Assert.Equal(
            [("1.1.0", PluginState.Active), ("1.0.0", PluginState.Unloaded)],
            _sandbox.Host.Plugins.Select(plugin => (plugin.Version, plugin.State)));
    }

    [Theory]
    [InlineData("Weather1.3.0", "example")]
    [InlineData("NewerSdk", "sdk-newer")]
    [InlineData("NoNodes", "no-nodes")]
    public async Task A_bad_new_version_is_rejected_and_the_old_one_stays(string fixture, string rule)
    {
        await LoadAsync("Weather1.0.0");

        _sandbox.Replace("Weather", fixture);
        await _sandbox.ApplyAsync("Weather");

        Assert.Equal("1.0.0", await RunAsync(_sandbox.Node("forecast")));
        Assert.Equal([PluginState.Active, PluginState.Rejected], _sandbox.Host.Plugins.Select(plugin => plugin.State));
        RuleBook.AssertRule(rule, _sandbox.Host.Plugins[1].Rejections[0].Rule);
        Assert.Equal(0, _sandbox.Host.Swaps);
    }

    [Fact]
    public async Task A_new_version_that_needs_a_newer_shared_assembly_is_rejected_and_the_old_one_stays()
    {
        await LoadAsync("Weather1.0.0");

        var folder = _sandbox.Replace("Weather", "Weather1.1.0");
        BuiltAgainst.Version(Path.Combine(folder, "Weather.dll"), "Microsoft.Extensions.Logging.Abstractions", 99);
        await _sandbox.ApplyAsync("Weather");

        Assert.Equal("1.0.0", await RunAsync(_sandbox.Node("forecast")));
        RuleBook.AssertRule("shared-newer", Assert.Single(_sandbox.Host.Plugins[1].Rejections).Rule);
    }

    [Fact]
    public async Task A_rejection_is_forgotten_when_the_old_content_is_back()
    {
        await LoadAsync("Weather1.0.0");
        _sandbox.Replace("Weather", "NoNodes");
        await _sandbox.ApplyAsync("Weather");

        _sandbox.Replace("Weather", "Weather1.0.0");
        await _sandbox.ApplyAsync("Weather");

        Assert.Equal(PluginState.Active, Assert.Single(_sandbox.Host.Plugins).State);
    }

    [Fact]
    public async Task The_same_content_again_changes_nothing()
    {
        await LoadAsync("Weather1.0.0");
        var before = _sandbox.Node("forecast");

        _sandbox.Replace("Weather", "Weather1.0.0");
        await _sandbox.ApplyAsync("Weather");

        Assert.Same(before, _sandbox.Node("forecast"));
        Assert.Single(_sandbox.Host.Plugins);
    }

    [Fact]
    public async Task What_is_not_code_is_content_too()
    {
        await LoadAsync("Weather1.0.0");
        var folder = Path.Combine(_sandbox.PluginsDirectory, "Weather");
        Directory.CreateDirectory(Path.Combine(folder, "de"));
        await File.WriteAllTextAsync(Path.Combine(folder, "de", "texts.json"), "{}", Token);

        await _sandbox.ApplyAsync("Weather");

        Assert.Equal(1, _sandbox.Host.Swaps);
    }

    [Fact]
    public async Task A_replaced_version_stays_while_somebody_needs_it()
    {
        await LoadAsync("Weather1.0.0");
        var old = _sandbox.Node("forecast");
        _users.NeededHashes = new HashSet<string> { old.Descriptor.Plugin.Hash };

        _sandbox.Replace("Weather", "Weather2.0.0");
        await _sandbox.ApplyAsync("Weather");

        Assert.Equal("2.0.0", await RunAsync(_sandbox.Node("forecast")));
        Assert.Equal("1.0.0", await RunAsync(old));
        Assert.Equal(["2.0.0", "1.0.0"], _sandbox.Host.Catalog.Versions("forecast").Select(node => node.Descriptor.Plugin.Version));
        Assert.Contains("still need it", _sandbox.Host.Plugins[1].Reason, StringComparison.Ordinal);

        _users.NeededHashes = new HashSet<string>();
        await _sandbox.Host.ReleaseAsync(Token);

        await _sandbox.WaitAsync(() => _sandbox.Host.Unloaded == 1);
        Assert.Null(old.Enter());
    }

    [Fact]
    public async Task A_call_on_the_old_version_ends_there_while_new_calls_go_to_the_new_one()
    {
        _sandbox.Add("Sample");
        await _sandbox.LoadAsync();
        const string Mark = nameof(A_call_on_the_old_version_ends_there_while_new_calls_go_to_the_new_one);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AppContext.SetData(Mark, release);
        var old = _sandbox.Node("unruly");
        var running = old.RunAsync(Encoding.UTF8.GetBytes($$"""{"do":"ignore_cancellation","mark":"{{Mark}}"}"""), PluginSandbox.Context(), Token);

        await File.WriteAllTextAsync(Path.Combine(_sandbox.PluginsDirectory, "Sample", "note.txt"), "another", Token);
        await _sandbox.ApplyAsync("Sample");

        Assert.NotSame(old, old.Enter());
        Assert.Equal((PluginState.Draining, 1), (_sandbox.Host.Plugins[1].State, _sandbox.Host.Plugins[1].RunningCalls));
        release.SetResult();
        Assert.IsType<NodeResult.Completed>(await running);
    }

    [Fact]
    public async Task A_removed_folder_takes_all_its_versions_with_it_needed_or_not()
    {
        await LoadAsync("Weather1.0.0");
        var old = _sandbox.Node("forecast");
        _users.NeededHashes = new HashSet<string> { old.Descriptor.Plugin.Hash };
        _sandbox.Replace("Weather", "Weather2.0.0");
        await _sandbox.ApplyAsync("Weather");

        await _sandbox.WaitAsync(_sandbox.Host.UnloadAsync("Weather", Token));

        Assert.Null(_sandbox.Host.Catalog.Find("forecast"));
        Assert.Null(old.Enter());
        Assert.Equal(2, _sandbox.Host.Unloaded);
        Assert.Equal(["Weather"], _users.Rechecked[^1]);
    }

    [Fact]
    public async Task Two_folders_of_one_plugin_stand_side_by_side_and_the_higher_version_is_the_current_one()
    {
        _sandbox.Add("Weather1.0.0", "Weather");
        _sandbox.Add("Weather2.0.0", "Weather@2");
        _sandbox.Add("Weather1.1.0", "Weather@1.1");

        await _sandbox.LoadAsync();

        Assert.All(_sandbox.Host.Plugins, plugin => Assert.Equal(("Weather", PluginState.Active), (plugin.Name, plugin.State)));
        Assert.Equal(["2.0.0", "1.1.0", "1.0.0"], _sandbox.Host.Catalog.Versions("forecast").Select(node => node.Descriptor.Plugin.Version));
        Assert.Single(_sandbox.Host.Catalog.Nodes);
    }

    [Fact]
    public async Task A_version_that_drains_is_followed_by_one_of_the_same_major_number_only()
    {
        _sandbox.Add("Weather1.0.0", "Weather");
        _sandbox.Add("Weather2.0.0", "Weather@2");
        await _sandbox.LoadAsync();
        var first = _sandbox.Host.Catalog.Versions("forecast")[1];

        await _sandbox.Host.ApplyAsync([], ["Weather"], Token);
        Assert.Null(first.Enter());

        _sandbox.Add("Weather1.1.0", "Weather@1.1");
        await _sandbox.ApplyAsync("Weather@1.1");
        Assert.Equal("1.1.0", await RunAsync(first));
    }

    [Fact]
    public async Task A_node_type_that_a_removed_plugin_had_goes_to_the_plugin_that_waits_for_it()
    {
        _sandbox.Add("Weather1.0.0", "Alpha");
        _sandbox.Add("Weather1.0.0", "Beta");
        await _sandbox.LoadAsync();
        RuleBook.AssertRule("type-taken", _sandbox.Host.Plugins[1].Rejections[0].Rule);

        await _sandbox.Host.ApplyAsync([], ["Alpha"], Token);

        Assert.Equal("Beta", _sandbox.Node("forecast").Descriptor.Plugin.Name);
    }

    [Fact]
    public async Task A_version_that_is_needed_is_restored_from_its_copy_at_the_next_start()
    {
        await LoadAsync("Weather1.0.0");
        var pinned = _sandbox.Node("forecast").Descriptor.Plugin;
        _sandbox.Replace("Weather", "Weather2.0.0");
        await using var next = new PluginHost(_sandbox.ShadowDirectory, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, time: _sandbox.Time) { Users = _users };
        await next.LoadAllAsync(_sandbox.PluginsDirectory, Token);

        await next.RestoreAsync([pinned], Token);

        Assert.Equal("1.0.0", await RunAsync(next.Catalog.Versions("forecast")[1]));
        Assert.Equal("2.0.0", next.Catalog.Find("forecast")!.Descriptor.Plugin.Version);
    }

    [Fact]
    public async Task A_hundred_swaps_fail_no_call_and_leave_nothing_behind()
    {
        await LoadAsync("Weather1.0.0");
        var old = _sandbox.Node("forecast");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var calls = 0;
            for (; !enough.IsCancellationRequested; calls++)
            {
                Assert.NotNull(await RunAsync(calls % 2 == 0 ? old : _sandbox.Node("forecast")));
            }

            return calls;
        }, Token)).ToArray();

        for (var swap = 1; swap <= 100; swap++)
        {
            await File.WriteAllTextAsync(Path.Combine(_sandbox.PluginsDirectory, "Weather", "swap.txt"), $"{swap}", Token);
            await _sandbox.ApplyAsync("Weather");
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls > 0));
        await _sandbox.WaitAsync(() => _sandbox.Host.Unloaded + _sandbox.Host.Leaked == 100);
        Assert.Equal((100, 0), (_sandbox.Host.Unloaded, _sandbox.Host.Leaked));
    }

    private async Task LoadAsync(string fixture)
    {
        _sandbox.Add(fixture, "Weather");
        await _sandbox.LoadAsync();
    }

    private static async Task<string> RunAsync(NodeHandle node)
    {
        var result = await node.RunAsync("""{"city":"Oslo","unit":"c"}"""u8.ToArray(), PluginSandbox.Context(), Token);
        return System.Text.Json.JsonElement.Parse(Assert.IsType<NodeResult.Completed>(result).Output.Span).GetProperty("release").GetString()!;
    }

    private sealed class Users : IPluginUsers
    {
        public IReadOnlySet<string> NeededHashes { get; set; } = new HashSet<string>();

        public List<string[]> Rechecked { get; } = [];

        public Task RecheckAsync(IReadOnlySet<string> plugins, CancellationToken cancellationToken)
        {
            Rechecked.Add([.. plugins]);
            return Task.CompletedTask;
        }
    }
}
