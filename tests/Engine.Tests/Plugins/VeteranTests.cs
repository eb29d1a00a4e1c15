using System.Text;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins;

/// <summary>A plugin that was built once against SDK 1.0 and never again: what docs/reference/sdk-versioning.md promises to it.</summary>
public sealed class VeteranTests : IAsyncLifetime
{
    private readonly PluginSandbox _sandbox = new();

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("binaries/sdk-1.0/Veteran", "Veteran");
        await _sandbox.LoadAsync();
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public void It_is_active_with_all_its_nodes()
    {
        var status = Assert.Single(_sandbox.Host.Plugins);

        Assert.Equal((PluginState.Active, null), (status.State, status.Reason));
        Assert.Equal(["veteran_call", "veteran_gate", "veteran_raw", "veteran_stop", "veteran_wait"], status.NodeTypes.Order());
    }

    [Theory]
    [InlineData("veteran_gate", """{"number":1}""", """{"number":1,"within":"10s"}""", "below")]
    [InlineData("veteran_gate", """{"number":7,"limit":3,"within":"2m","tone":"loud","notes":["a"]}""", """{"number":7,"within":"120s"}""", "above")]
    [InlineData("veteran_raw", "{}", "{}", "on")]
    public async Task Its_nodes_give_their_output_through_their_port(string type, string config, string output, string port)
    {
        var completed = Assert.IsType<NodeResult.Completed>(await RunAsync(type, config));

        Assert.Equal((output, port), (Encoding.UTF8.GetString(completed.Output.Span), completed.Port));
    }

    [Fact]
    public async Task It_reads_the_whole_context()
    {
        var completed = Assert.IsType<NodeResult.Completed>(await RunAsync("veteran_call", """{"text":"a"}"""));

        Assert.Equal(
            """{"run_id":"run","step_key":"step","attempt":1,"idempotency_key":"run/step","has_client":true,"sent":false}""",
            Encoding.UTF8.GetString(completed.Output.Span));
    }

    [Fact]
    public async Task Its_own_check_and_its_failures_are_told()
    {
        var refused = Assert.IsType<NodeResult.Failed>(await RunAsync("veteran_gate", """{"number":1,"limit":-1}""")).Failure;
        var failed = Assert.IsType<NodeResult.Failed>(await RunAsync("veteran_call", """{"text":"fail"}""")).Failure;

        Assert.Equal((FailureKind.Config, "limit: The limit is negative; write 0 or more."), (refused.Kind, refused.Message));
        Assert.Equal(new NodeFailure(FailureKind.Unavailable, "Asked to fail.", Retryable: true), failed);
    }

    [Fact]
    public async Task It_can_wait_wake_and_end_the_run()
    {
        Assert.Equal(DateTimeOffset.UnixEpoch.AddHours(1), Assert.IsType<NodeResult.Suspended>(await RunAsync("veteran_wait", """{"text":"a"}""")).Until);
        var woken = PluginSandbox.Context() with { Wake = new Wake(DateTimeOffset.UnixEpoch) };
        Assert.IsType<NodeResult.Completed>(await RunAsync("veteran_wait", """{"text":"a"}""", woken));
        Assert.Equal("It is time.", Assert.IsType<NodeResult.Ended>(await RunAsync("veteran_stop", """{"text":"a"}""")).Message);
    }

    private async Task<NodeResult> RunAsync(string type, string config, NodeContext? context = null) =>
        await _sandbox.Node(type).RunAsync(Encoding.UTF8.GetBytes(config), context ?? PluginSandbox.Context(), TestContext.Current.CancellationToken);
}
