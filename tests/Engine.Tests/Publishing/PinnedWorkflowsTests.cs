using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Checking;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Tests.Plugins;

namespace Sluice.Engine.Tests.Publishing;

/// <summary>Which version of a plugin a workflow runs on, as folders are swapped, added and removed.</summary>
public sealed class PinnedWorkflowsTests : IAsyncLifetime
{
    private const string Workflow = """
        name: weather
        trigger: { type: webhook, config: { path: /weather } }
        steps:
          - { key: look, type: forecast, config: { city: Oslo } }
        """;

    private readonly PluginSandbox _sandbox = new();
    private readonly MemoryWorkflowStore _store = new();
    private readonly WorkflowRegistry _registry;

    public PinnedWorkflowsTests()
    {
        _registry = Registry(_sandbox.Host);
        _sandbox.Host.Users = _registry;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private WorkflowState State => _registry.State("weather")!;

    private PluginUse Use => Assert.Single(State.Uses);

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("Weather1.0.0", "Weather");
        await _sandbox.LoadAsync();
        Assert.Empty((await _registry.PublishAsync(new Submission(Workflow, WorkflowRegistry.Api), Token)).Problems);
    }

    public ValueTask DisposeAsync()
    {
        _registry.Dispose();
        return _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task A_published_version_names_the_plugin_version_and_hash_it_was_checked_against()
    {
        Assert.Equal(new PluginPin("forecast", _sandbox.Node("forecast").Descriptor.Plugin), Use.Pin);
        Assert.Null(Use.Newer);
        Assert.Equal([Use.Pin], (await _store.FindAsync("weather", 1, Token))!.Pins);
    }

    [Fact]
    public async Task A_newer_version_of_the_same_major_number_is_moved_to_once_the_check_passes()
    {
        await SwapAsync("Weather1.1.0");

        Assert.Equal(("1.1.0", null), (Use.Pin.Plugin.Version, Use.Newer));
        Assert.Equal("1.1.0", (await _store.FindAsync("weather", 1, Token))!.Pins[0].Plugin.Version);
        Assert.Equal("1.1.0", State.Compiled!.Steps[0].Node.Descriptor.Plugin.Version);
        Assert.Equal(1, State.Stored.Version);
    }

    [Fact]
    public async Task A_newer_version_that_the_check_refuses_leaves_the_workflow_on_its_own_which_stays_loaded()
    {
        await SwapAsync("Weather1.2.0");

        Assert.True(State.IsLive);
        Assert.Equal("1.0.0", Use.Pin.Plugin.Version);
        Assert.Equal("1.2.0", Use.Newer?.Version);
        Assert.Contains("unit", Use.Newer!.WhyNot, StringComparison.Ordinal);
        Assert.NotNull(State.Compiled!.Steps[0].Node.Enter());
        Assert.Equal("1.0.0", State.Compiled.Steps[0].Node.Enter()!.Descriptor.Plugin.Version);
    }

    [Fact]
    public async Task Another_major_number_is_moved_to_only_when_the_operator_says_so()
    {
        await SwapAsync("Weather2.0.0");
        Assert.Equal(("1.0.0", "2.0.0"), (Use.Pin.Plugin.Version, Use.Newer?.Version));

        Assert.Empty((await _registry.MovePluginsAsync("weather", Token)).Problems);
        await _sandbox.Host.ReleaseAsync(Token);

        Assert.Equal(("2.0.0", null), (Use.Pin.Plugin.Version, Use.Newer));
        await _sandbox.WaitAsync(() => _sandbox.Host.Unloaded == 1);
    }

    [Fact]
    public async Task A_move_that_the_check_refuses_changes_nothing()
    {
        await SwapAsync("Weather1.2.0");

        var refused = await _registry.MovePluginsAsync("weather", Token);

        Assert.True(refused.Found);
        Assert.Contains(refused.Problems, problem => problem.Message.Contains("unit", StringComparison.Ordinal));
        Assert.Equal("1.0.0", Use.Pin.Plugin.Version);
    }

    [Fact]
    public async Task A_new_text_is_checked_against_the_current_version_and_its_pin_moves_with_it()
    {
        await SwapAsync("Weather2.0.0");

        await _registry.PublishAsync(new Submission(Workflow + "\n  - { key: again, type: forecast, config: { city: Bergen } }\n", WorkflowRegistry.Api), Token);

        Assert.Equal((2, "2.0.0"), (State.Stored.Version, Use.Pin.Plugin.Version));
    }

    [Fact]
    public async Task The_same_text_again_leaves_the_workflow_on_its_version()
    {
        await SwapAsync("Weather2.0.0");

        var published = await _registry.PublishAsync(new Submission(Workflow, WorkflowRegistry.Api) { ExpectedName = "weather" }, Token);

        Assert.False(published.IsNew);
        Assert.Equal(("1.0.0", "2.0.0"), (Use.Pin.Plugin.Version, Use.Newer?.Version));
    }

    [Fact]
    public async Task A_workflow_whose_plugin_is_removed_is_held_and_comes_back_with_it()
    {
        var compiled = State.Compiled!;
        await _sandbox.Host.ApplyAsync([], ["Weather"], Token);

        Assert.Contains("waits for the plugin Weather 1.0.0", State.Held!.Reason, StringComparison.Ordinal);
        Assert.False(State.IsLive);
        Assert.NotNull(_registry.Match("POST", "/weather").Value?.Held);
        Assert.Equal("held", Assert.Single((await _registry.FindVersionAsync("weather", 1, Token))!.Problems).Rule);
        Assert.Null(compiled.Steps[0].Node.Enter());

        await _sandbox.ApplyAsync("Weather");

        Assert.True(State.IsLive);
        Assert.Null(State.Held);
        Assert.Empty(State.Problems);
    }

    [Fact]
    public async Task A_held_workflow_does_not_take_another_major_number_by_itself()
    {
        await _sandbox.Host.ApplyAsync([], ["Weather"], Token);

        await SwapAsync("Weather2.0.0");
        Assert.Contains("Weather 1.x, of which only 2.0.0 is here", State.Held!.Reason, StringComparison.Ordinal);

        _sandbox.Add("Weather1.1.0", "Weather@1");
        await _sandbox.ApplyAsync("Weather@1");
        Assert.True(State.IsLive);
        Assert.Equal(("1.1.0", "2.0.0"), (Use.Pin.Plugin.Version, Use.Newer?.Version));
    }

    [Fact]
    public async Task After_a_restart_a_workflow_is_on_the_version_it_was_on_before()
    {
        await SwapAsync("Weather2.0.0");
        await using var plugins = new PluginHost(_sandbox.ShadowDirectory, NullLogger.Instance, time: _sandbox.Time);
        using var next = Registry(plugins);
        await plugins.LoadAllAsync(_sandbox.PluginsDirectory, Token);

        await next.LoadAsync(plugins.RestoreAsync, Token);

        Assert.True(next.State("weather")!.IsLive);
        Assert.Equal("1.0.0", Assert.Single(next.State("weather")!.Uses).Pin.Plugin.Version);
    }

    [Fact]
    public async Task At_a_start_without_the_plugin_the_workflow_is_held()
    {
        await using var plugins = new PluginHost(_sandbox.ShadowDirectory, NullLogger.Instance, time: _sandbox.Time);
        using var next = Registry(plugins);

        await next.LoadAsync(plugins.RestoreAsync, Token);

        Assert.NotNull(next.State("weather")!.Held);
        Assert.NotNull(next.Match("POST", "/weather").Value?.Held);
    }

    [Fact]
    public async Task A_version_stored_without_pins_takes_what_is_there_and_is_pinned_to_it()
    {
        await _store.PinAsync([State.Stored with { Pins = [] }], Token);
        using var next = Registry(_sandbox.Host);

        await next.LoadAsync(Token);

        Assert.Equal("1.0.0", (await _store.FindAsync("weather", 1, Token))!.Pins[0].Plugin.Version);
    }

    [Fact]
    public async Task A_pin_that_could_not_be_stored_is_tried_again_and_the_old_version_stays_until_then()
    {
        _store.IsBroken = true;
        await Assert.ThrowsAsync<IOException>(() => SwapAsync("Weather1.1.0"));
        Assert.Equal("1.0.0", Use.Pin.Plugin.Version);
        Assert.Equal("1.0.0", State.Compiled!.Steps[0].Node.Enter()!.Descriptor.Plugin.Version);

        _store.IsBroken = false;
        await _sandbox.Host.ReleaseAsync(Token);

        Assert.Equal("1.1.0", Use.Pin.Plugin.Version);
    }

    private WorkflowRegistry Registry(PluginHost plugins) =>
        new(_store, new WorkflowChecker(plugins.Catalog), _sandbox.Time, NullLogger.Instance);

    private async Task SwapAsync(string fixture)
    {
        _sandbox.Replace("Weather", fixture);
        await _sandbox.ApplyAsync("Weather");
    }
}
