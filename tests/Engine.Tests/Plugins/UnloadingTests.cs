using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins;

public sealed class UnloadingTests : IAsyncLifetime
{
    private readonly PluginSandbox _sandbox = new();

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("Sample");
        await _sandbox.LoadAsync();
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Theory]
    [InlineData("greet", """{"name":"Ada","tone":"polite"}""")]
    [InlineData("greet", """{"name":""}""")]
    [InlineData("greet", """{"no_such_field":1}""")]
    [InlineData("unruly", """{"do":"throw"}""")]
    [InlineData("unruly", """{"do":"throw_later"}""")]
    [InlineData("unruly", """{"do":"throw_unreadable"}""")]
    [InlineData("unruly", """{"do":"wrong_port"}""")]
    [InlineData("unruly", """{"do":"not_json"}""")]
    [InlineData("unruly", """{"do":"leave_ambient","mark":"x"}""")]
    [InlineData("unruly", """{"do":"wait"}""")]
    public async Task A_plugin_is_gone_from_memory_after_a_run_of(string type, string config)
    {
        var outcome = OnItsOwnThread(() => RunCancelled(type, config));
        Assert.NotEmpty(outcome);

        await UnloadAsync();

        Assert.Equal(PluginState.Unloaded, _sandbox.Host.Plugins[0].State);
    }

    [Fact]
    public async Task A_plugin_that_leaves_a_timer_behind_is_said_to_leak()
    {
        OnItsOwnThread(() => RunCancelled("unruly", """{"do":"leave_timer"}"""));

        await UnloadAsync();

        var status = _sandbox.Host.Plugins[0];
        Assert.Equal(PluginState.Leaking, status.State);
        Assert.Contains("still holds it in memory", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unloading_waits_for_the_last_call_and_lets_no_new_one_in()
    {
        const string Mark = nameof(Unloading_waits_for_the_last_call_and_lets_no_new_one_in);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AppContext.SetData(Mark, release);
        var node = _sandbox.Node("unruly");
        var running = RunAsync(node, $$"""{"do":"ignore_cancellation","mark":"{{Mark}}"}""");

        var unloading = _sandbox.Host.UnloadAsync("Sample", TestContext.Current.CancellationToken);
        await _sandbox.WaitAsync(() => _sandbox.Host.Plugins[0].State == PluginState.Draining && node.Enter() is null);

        var status = _sandbox.Host.Plugins[0];
        Assert.Equal((PluginState.Draining, 1), (status.State, status.RunningCalls));
        Assert.Null(_sandbox.Host.Catalog.Find("unruly"));
        Assert.Null(node.Enter());
        await Assert.ThrowsAsync<PluginGoneException>(() => RunAsync(node, """{"do":"nothing special"}"""));
        Assert.False(unloading.IsCompleted);

        release.SetResult();
        Assert.IsType<NodeResult.Completed>(await running);
        await _sandbox.WaitAsync(unloading);
        Assert.Null(_sandbox.Host.Plugins[0].Reason);
    }

    [Fact]
    public async Task Cancelling_the_wait_does_not_cancel_the_unloading()
    {
        const string Mark = nameof(Cancelling_the_wait_does_not_cancel_the_unloading);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AppContext.SetData(Mark, release);
        var running = RunAsync(_sandbox.Node("unruly"), $$"""{"do":"ignore_cancellation","mark":"{{Mark}}"}""");
        using var source = new CancellationTokenSource();
        var unloading = _sandbox.Host.UnloadAsync("Sample", source.Token);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unloading);
        release.SetResult();
        await running;
        await UnloadAsync();

        Assert.NotEqual(PluginState.Draining, _sandbox.Host.Plugins[0].State);
    }

    [Fact]
    public async Task Unloading_disposes_the_nodes()
    {
        const string Mark = nameof(Unloading_disposes_the_nodes);
        await RunAsync(_sandbox.Node("unruly"), $$"""{"do":"mark_disposal","mark":"{{Mark}}"}""");

        await UnloadAsync();

        Assert.Equal("disposed", AppContext.GetData(Mark));
    }

    [Fact]
    public async Task A_handle_of_an_unloaded_plugin_tells_why_nothing_works()
    {
        var node = _sandbox.Node("greet");
        await UnloadAsync();

        Assert.Contains("The plugin Sample 1.0.0 is not here", node.PortsOf(default).Failure, StringComparison.Ordinal);
        Assert.Contains("The plugin Sample 1.0.0 is not here", Assert.Single(node.Check("{}"u8.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handle_of_an_unloaded_plugin_calls_the_version_that_came_after_it()
    {
        var old = _sandbox.Node("greet");
        await UnloadAsync();
        await _sandbox.ApplyAsync("Sample");
        Assert.NotSame(old, _sandbox.Node("greet"));

        var result = await RunAsync(old, """{"name":"Ada"}""");

        Assert.Equal("curt", Assert.IsType<NodeResult.Completed>(result).Port);
        Assert.Empty(old.Check("""{"name":"Ada"}"""u8.ToArray()));
    }

    [Fact]
    public async Task A_plugin_that_is_not_there_is_unloaded_already()
    {
        await _sandbox.Host.UnloadAsync("Nowhere", TestContext.Current.CancellationToken);

        Assert.Equal(PluginState.Active, Assert.Single(_sandbox.Host.Plugins).State);
    }

    // What is left on the stack of the thread that called plugin code would hold the plugin: the call gets a thread that ends.
    private static string OnItsOwnThread(Func<string> call)
    {
        var outcome = "";
        var thread = new Thread(() => outcome = call());
        thread.Start();
        thread.Join();
        return outcome;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private string RunCancelled(string type, string config)
    {
        using var source = new CancellationTokenSource();
        var run = _sandbox.Node(type).RunAsync(Encoding.UTF8.GetBytes(config), PluginSandbox.Context(), source.Token).AsTask();
        source.Cancel();
        ((IAsyncResult)run).AsyncWaitHandle.WaitOne();
        return run.IsCanceled ? "cancelled" : run.Result.ToString();
    }

    private static async Task<NodeResult> RunAsync(NodeHandle node, string config) =>
        await node.RunAsync(Encoding.UTF8.GetBytes(config), PluginSandbox.Context(), TestContext.Current.CancellationToken);

    private Task UnloadAsync() => _sandbox.WaitAsync(_sandbox.Host.UnloadAsync("Sample", TestContext.Current.CancellationToken));
}
