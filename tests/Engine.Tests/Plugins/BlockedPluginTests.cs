using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Loading;

namespace Sluice.Engine.Tests.Plugins;

/// <summary>A plugin whose code never returns is rejected at its deadline, and keeps nobody from anything.</summary>
public sealed class BlockedPluginTests : IAsyncDisposable
{
    private readonly PluginSandbox _sandbox = new(LoadDeadline.Default);
    private readonly PluginGate _gate = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEnumerable<PluginStatus> Blocking => _sandbox.Host.Plugins.Where(plugin => plugin.Name == "Blocking");

    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await _sandbox.DisposeAsync();
    }

    [Theory]
    [InlineData("constructor", "deadline", "The constructor of Faulty.Blocking did not end within 30 s")]
    [InlineData("spec", "deadline", "The spec of Faulty.Blocking did not end within 30 s")]
    [InlineData("check", "deadline", "The check of node 'blocking' did not end within 30 s")]
    [InlineData("example", "example", "The example 'Nothing' of node 'blocking' did not end within 5 s.")]
    public async Task A_plugin_that_blocks_is_rejected_by_name_and_says_that_it_still_holds_its_code(string place, string rule, string message)
    {
        var folder = _sandbox.Add("Blocking");
        _gate.PlaceIn(folder, place);

        await MissTheDeadlineAsync(_sandbox.ApplyAsync("Blocking"));

        var status = Assert.Single(Blocking);
        Assert.Equal((PluginState.Rejected, 1), (status.State, status.WrittenOff));
        RuleBook.AssertRule(rule, Assert.Single(status.Rejections).Rule);
        Assert.Contains(message, status.Reason, StringComparison.Ordinal);
        Assert.Contains("1 call of its code missed the deadline and was written off", status.Reason, StringComparison.Ordinal);
        Assert.Equal(1, _sandbox.Host.WrittenOff);
    }

    [Fact]
    public async Task Other_plugins_are_added_swapped_and_removed_after_one_that_blocks()
    {
        _gate.PlaceIn(_sandbox.Add("Blocking"), "constructor");
        await MissTheDeadlineAsync(_sandbox.ApplyAsync("Blocking"));

        _sandbox.Add("Weather1.0.0", "Weather");
        await _sandbox.ApplyAsync("Weather");
        _sandbox.Replace("Weather", "Weather1.1.0");
        await _sandbox.ApplyAsync("Weather");
        Assert.Equal("1.1.0", _sandbox.Node("forecast").Descriptor.Plugin.Version);

        await _sandbox.Host.ApplyAsync([], ["Weather"], Token);
        Assert.Null(_sandbox.Host.Catalog.Find("forecast"));
    }

    [Fact]
    public async Task A_correct_version_in_the_same_folder_becomes_active_and_what_was_written_off_is_listed_until_it_is_gone()
    {
        var folder = _sandbox.Add("Blocking");
        _gate.PlaceIn(folder, "constructor");
        await MissTheDeadlineAsync(_sandbox.ApplyAsync("Blocking"));

        File.Delete(Path.Combine(folder, "blocks.txt"));
        await _sandbox.ApplyAsync("Blocking");

        Assert.Equal([PluginState.Active, PluginState.Leaking], Blocking.Select(plugin => plugin.State));
        Assert.Contains("written off", Blocking.Last().Reason, StringComparison.Ordinal);
        Assert.Empty(_sandbox.Node("blocking").Check("{}"u8.ToArray()));

        _gate.Open();
        await _sandbox.WaitAsync(() => _sandbox.Host.WrittenOff == 0);
        Assert.Equal(0, Blocking.Last().WrittenOff);
    }

    [Fact]
    public async Task At_a_start_the_other_plugins_come_up_though_the_one_that_blocks_is_there()
    {
        _sandbox.Add("Weather1.0.0", "Weather");
        _gate.PlaceIn(_sandbox.Add("Blocking"), "spec");

        var loading = _sandbox.LoadAsync();
        // What is found out about a plugin is noted when it has passed everything.
        await _sandbox.WaitAsync(() => Directory.Exists(_sandbox.ShadowDirectory) && Directory.EnumerateFiles(_sandbox.ShadowDirectory, "*.json").Any(), TimeSpan.Zero);
        await MissTheDeadlineAsync(loading);

        Assert.Equal(["Blocking", "Weather"], _sandbox.Host.Plugins.Select(plugin => plugin.Name));
        Assert.Equal([PluginState.Rejected, PluginState.Active], _sandbox.Host.Plugins.Select(plugin => plugin.State));
    }

    [Fact]
    public async Task Nobody_waits_for_the_deadline_when_the_host_stops()
    {
        _gate.PlaceIn(_sandbox.Add("Blocking"), "constructor");
        var applying = _sandbox.ApplyAsync("Blocking");
        await _sandbox.WaitAsync(() => _gate.IsEntered, TimeSpan.Zero);

        _sandbox.Host.StopWaiting();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applying);
    }

    [Fact]
    public async Task A_check_that_blocks_when_a_workflow_is_published_ends_at_the_deadline_and_the_next_one_sooner()
    {
        _gate.PlaceIn(_sandbox.Add("Blocking"), "publishing");
        await _sandbox.LoadAsync();
        var node = _sandbox.Node("blocking");

        var first = Task.Run(() => node.Check("""{"wait":true}"""u8.ToArray()), Token);
        await MissTheDeadlineAsync(first);
        var second = Task.Run(() => node.Check("""{"wait":true}"""u8.ToArray()), Token);
        await _sandbox.WaitAsync(second, BoundedCode.ShortLimit);

        Assert.Matches("^The check of the node 'blocking' of plugin Blocking [0-9.]+ can't be used: It did not return within 30 s, ", Assert.Single(await first).Message);
        Assert.Contains("within 1 s", Assert.Single(await second).Message, StringComparison.Ordinal);
        Assert.Empty(node.Check("{}"u8.ToArray()));
        var status = Assert.Single(Blocking);
        Assert.Equal((PluginState.Active, 2), (status.State, status.WrittenOff));
        Assert.Contains("2 calls of its code missed the deadline", status.Reason, StringComparison.Ordinal);

        _gate.Open();
        await _sandbox.WaitAsync(() => _sandbox.Host.WrittenOff == 0);
        Assert.Null(Assert.Single(Blocking).Reason);
    }

    [Fact]
    public async Task A_disposal_that_blocks_does_not_keep_the_unloading_from_its_end()
    {
        _gate.PlaceIn(_sandbox.Add("Blocking"), "disposal");
        await _sandbox.LoadAsync();

        await _sandbox.WaitAsync(_sandbox.Host.UnloadAsync("Blocking", Token));

        var status = Assert.Single(Blocking);
        Assert.Equal((PluginState.Leaking, 1), (status.State, status.WrittenOff));
        Assert.Contains("written off", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_goes_on_far_beyond_the_deadline_is_noticed_until_it_ends()
    {
        var users = new SlowUsers();
        _sandbox.Host.Users = users;
        _sandbox.Add("Weather1.0.0", "Weather");
        var applying = _sandbox.ApplyAsync("Weather");
        await users.Asked.Task.WaitAsync(Token);

        _sandbox.Time.Advance(LoadDeadline.Default * 2 - TimeSpan.FromSeconds(1));
        Assert.False(_sandbox.Host.IsStuck);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_sandbox.Host.IsStuck);

        users.Answer.SetResult();
        await applying;
        Assert.False(_sandbox.Host.IsStuck);
    }

    // Once the plugin's code waits at the gate, and never before: what else a plugin is loaded by takes real time.
    private async Task MissTheDeadlineAsync(Task task)
    {
        await _sandbox.WaitAsync(() => _gate.IsEntered, TimeSpan.Zero);
        await _sandbox.WaitAsync(task, LoadDeadline.Default / 5);
    }

    private sealed class SlowUsers : IPluginUsers
    {
        public IReadOnlySet<string> NeededHashes => new HashSet<string>();

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task RecheckAsync(IReadOnlySet<string> plugins, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            return Answer.Task;
        }
    }
}
