using System.Text;
using System.Text.Json;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins;

public sealed class PluginNodeTests : IAsyncLifetime
{
    private readonly PluginSandbox _sandbox = new();

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("Sample");
        await _sandbox.LoadAsync();
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task A_run_gives_the_nodes_output_and_port()
    {
        var result = await RunAsync("greet", """{"name":"Ada","tone":"polite"}""");

        var completed = Assert.IsType<NodeResult.Completed>(result);
        Assert.Equal("polite", completed.Port);
        Assert.Equal("""{"greeting":"Good day, Ada."}""", Encoding.UTF8.GetString(completed.Output.Span));
    }

    [Fact]
    public async Task A_config_that_the_node_refuses_fails_the_step()
    {
        var failure = await FailureAsync("greet", """{"name":""}""");

        Assert.Equal((FailureKind.Config, "name: The name is empty; write one."), (failure.Kind, failure.Message));
    }

    [Theory]
    [InlineData("throw", "threw an exception: thrown at once. That is a defect")]
    [InlineData("throw_later", "threw an exception: thrown later. ")]
    [InlineData("throw_unreadable", "threw an exception: its message can't be read. ")]
    [InlineData("cancel_by_itself", "threw an exception: gave up. ")]
    [InlineData("null", "returned null as its result")]
    [InlineData("null_failure", "returned a failure without a kind or a message")]
    [InlineData("not_json", "is not JSON that the host can read")]
    [InlineData("not_utf8", "it is not UTF-8")]
    [InlineData("nothing", "is not JSON that the host can read")]
    [InlineData("null_output", "returned null instead of an output")]
    [InlineData("odd_kind", "returned a failure whose kind is not snake_case, at most 64 characters long; report it to its author. Its message: there is no such order")]
    [InlineData("long_kind", "returned a failure whose kind is not snake_case, at most 64 characters long; report it to its author. Its message: there is no such order")]
    [InlineData("wrong_port", "left through the port 'nowhere', which this step does not have; it has wrong_port")]
    public async Task A_defect_of_the_node_is_a_failure_that_names_node_and_plugin(string what, string message)
    {
        var failure = await UnrulyFailureAsync(what);

        Assert.Equal(FailureKind.Defect, failure.Kind);
        Assert.False(failure.Retryable);
        Assert.Contains("'unruly' of plugin Sample 1.0.0", failure.Message, StringComparison.Ordinal);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception:", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("large_output")]
    [InlineData("large_end")]
    public async Task An_output_beyond_its_bound_fails_the_step(string what)
    {
        var failure = await UnrulyFailureAsync(what);

        Assert.Equal((NodeOutput.TooLarge, false), (failure.Kind, failure.Retryable));
        Assert.Contains("16,777,217 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Runs:MaxOutputBytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_keeps_its_message_whole_until_secrets_are_masked_in_it()
    {
        var failure = await UnrulyFailureAsync("long_message");

        Assert.Equal((FailureKind.Refused, 10_000), (failure.Kind, failure.Message.Length));
    }

    [Fact]
    public async Task A_node_may_leave_through_a_port_that_it_takes_from_the_config()
    {
        var completed = Assert.IsType<NodeResult.Completed>(await RunUnrulyAsync("own_port"));

        Assert.Equal("own_port", completed.Port);
    }

    [Fact]
    public async Task A_node_with_declared_ports_may_not_leave_through_none()
    {
        var failure = await FailureAsync("lost", "{}");

        Assert.Equal(FailureKind.Defect, failure.Kind);
        Assert.Contains("left through no port; it has left, right", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_the_node_returns_is_passed_on()
    {
        Assert.Equal(new NodeFailure(FailureKind.Refused, "said no"), await UnrulyFailureAsync("fail"));
    }

    [Fact]
    public async Task An_end_of_the_run_and_a_suspension_are_passed_on()
    {
        var ended = Assert.IsType<NodeResult.Ended>(await RunUnrulyAsync("end"));
        var suspended = Assert.IsType<NodeResult.Suspended>(await RunUnrulyAsync("suspend"));

        Assert.Equal((true, "enough"), (ended.Succeeded, ended.Message));
        Assert.Equal(DateTimeOffset.UnixEpoch, suspended.Until);
    }

    [Fact]
    public async Task Cancelling_ends_the_run_with_a_cancellation_for_that_token()
    {
        using var source = new CancellationTokenSource();
        var run = _sandbox.Node("unruly").RunAsync("""{"do":"wait"}"""u8.ToArray(), PluginSandbox.Context(), source.Token).AsTask();

        await source.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.DoesNotContain("Sample", cancelled.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_is_in_memory_that_the_node_cannot_reach()
    {
        const string Mark = nameof(The_output_is_in_memory_that_the_node_cannot_reach);
        var result = Assert.IsType<NodeResult.Completed>(await RunUnrulyAsync("share_memory", Mark));

        Array.Fill((byte[])AppContext.GetData(Mark)!, (byte)'x');

        Assert.Equal("\"first\"", Encoding.UTF8.GetString(result.Output.Span));
    }

    [Fact]
    public async Task What_a_node_leaves_in_its_flow_does_not_reach_the_caller()
    {
        var before = ExecutionContext.Capture();

        var run = _sandbox.Node("unruly").RunAsync("""{"do":"leave_ambient","mark":"x"}"""u8.ToArray(), PluginSandbox.Context(), TestContext.Current.CancellationToken);

        Assert.Same(before, ExecutionContext.Capture());
        await run;
    }

    [Fact]
    public async Task A_lease_is_held_until_the_nodes_task_is_complete_though_the_caller_has_gone()
    {
        const string Mark = nameof(A_lease_is_held_until_the_nodes_task_is_complete_though_the_caller_has_gone);
        var release = new TaskCompletionSource();
        AppContext.SetData(Mark, release);
        using var source = new CancellationTokenSource();
        var run = _sandbox.Node("unruly").RunAsync(Config("ignore_cancellation", Mark), PluginSandbox.Context(), source.Token).AsTask();
        var wait = run.WaitAsync(source.Token);

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(1, _sandbox.Host.Plugins[0].RunningCalls);

        release.SetResult();
        await run;
        Assert.Equal(0, _sandbox.Host.Plugins[0].RunningCalls);
    }

    [Fact]
    public async Task A_plugin_of_which_three_calls_were_given_up_is_blocked_until_one_comes_back()
    {
        var node = _sandbox.Node("greet");
        for (var call = 1; call <= 3; call++)
        {
            Assert.Equal(PluginState.Active, _sandbox.Host.Plugins[0].State);
            node.GiveUp();
            Assert.StartsWith($"{call} call", _sandbox.Host.Plugins[0].Reason, StringComparison.Ordinal);
        }

        Assert.Equal(PluginState.Blocked, _sandbox.Host.Plugins[0].State);
        var failure = await FailureAsync("greet", """{"name":"Ada"}""");
        Assert.Equal((FailureKind.Unavailable, true), (failure.Kind, failure.Retryable));
        Assert.Contains("Sample@1.0.0 is blocked", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, _sandbox.Host.Plugins[0].RunningCalls);

        node.ComeBack();

        Assert.Equal(PluginState.Active, _sandbox.Host.Plugins[0].State);
        Assert.IsType<NodeResult.Completed>(await RunAsync("greet", """{"name":"Ada","tone":"polite"}"""));
    }

    [Fact]
    public void Ports_that_depend_on_the_config_come_from_the_node()
    {
        Assert.Equal(["here"], PortsOf("here").Ports);
        Assert.Equal(["polite", "curt"], _sandbox.Node("greet").PortsOf(JsonElement.Parse("{}")).Ports);
    }

    [Theory]
    [InlineData("throw", "threw an exception: no ports today")]
    [InlineData("null", "returned null for its ports")]
    public void Ports_that_cannot_be_had_are_a_message(string what, string message)
    {
        var (ports, failure) = PortsOf(what);

        Assert.Empty(ports);
        Assert.Contains(message, failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("odd", "odd")]
    [InlineData("throw", "threw an exception: no check today")]
    [InlineData("null", "returned null for its check")]
    public void What_is_wrong_with_a_config_is_told_whatever_the_node_does(string what, string message)
    {
        var problem = Assert.Single(_sandbox.Node("unruly").Check(Config(what)));

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static byte[] Config(string what, string? mark = null) =>
        Encoding.UTF8.GetBytes(mark is null ? $$"""{"do":"{{what}}"}""" : $$"""{"do":"{{what}}","mark":"{{mark}}"}""");

    private (IReadOnlyList<string> Ports, string? Failure) PortsOf(string what) => _sandbox.Node("unruly").PortsOf(JsonElement.Parse(Config(what)));

    private async Task<NodeResult> RunAsync(string type, string config) =>
        await _sandbox.Node(type).RunAsync(Encoding.UTF8.GetBytes(config), PluginSandbox.Context(), TestContext.Current.CancellationToken);

    private async Task<NodeResult> RunUnrulyAsync(string what, string? mark = null) =>
        await _sandbox.Node("unruly").RunAsync(Config(what, mark), PluginSandbox.Context(), TestContext.Current.CancellationToken);

    private async Task<NodeFailure> FailureAsync(string type, string config) => Assert.IsType<NodeResult.Failed>(await RunAsync(type, config)).Failure;

    private async Task<NodeFailure> UnrulyFailureAsync(string what) => Assert.IsType<NodeResult.Failed>(await RunUnrulyAsync(what)).Failure;
}
