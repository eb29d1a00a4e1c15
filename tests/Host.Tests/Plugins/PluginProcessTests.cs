using System.Diagnostics;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Processes;
using Sluice.Sdk;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A plugin in a process of its own: what endangers that process costs the step, and nothing else.</summary>
public sealed class PluginProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_runs_in_a_process_that_is_not_the_host_s()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        var pid = ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));

        Assert.NotEqual(Environment.ProcessId, pid);
        Assert.Equal(pid, sandbox.Status.Pid);
        Assert.Equal(Isolation.Process, sandbox.Status.Isolation);
    }

    [Fact]
    public async Task A_plugin_can_load_what_it_needs_however_often_its_process_has_collected_garbage()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        for (var call = 0; call < 3; call++)
        {
            ProcessSandbox.PidOf(await sandbox.CallAsync("collect_and_load"));
        }
    }

    [Theory]
    [InlineData("fail_fast", "enough is enough")]
    [InlineData("overflow_stack", "Stack overflow")]
    [InlineData("allocate_without_end", "Plugins:ProcessMemoryMegabytes")]
    public async Task A_node_that_ends_its_process_fails_its_step_with_the_reason_and_the_next_call_works(string deed, string reason)
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync(ProcessSandbox.Settings with { MemoryMegabytes = 160 });
        var before = ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));

        var failure = ProcessSandbox.FailureOf(await sandbox.CallAsync(deed));

        Assert.Equal(ProcessKeeper.Crashed, failure.Kind);
        Assert.True(failure.Retryable);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Contains("Perils", failure.Message, StringComparison.Ordinal);
        Assert.NotEqual(before, ProcessSandbox.PidOf(await sandbox.CallAsync("nothing")));
        Assert.Equal(PluginState.Active, sandbox.Status.State);
        Assert.Equal(1, sandbox.Status.ProcessRestarts);
    }

    [Fact]
    public async Task An_output_beyond_its_bound_fails_the_step_as_it_does_in_the_host()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        var failure = ProcessSandbox.FailureOf(await sandbox.CallAsync("give_much"));

        Assert.Equal((NodeOutput.TooLarge, false), (failure.Kind, failure.Retryable));
        Assert.Contains("Runs:MaxOutputBytes", failure.Message, StringComparison.Ordinal);
        ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));
        Assert.Equal(0, sandbox.Status.ProcessRestarts);
    }

    [Fact]
    public async Task A_node_that_never_returns_is_left_with_its_process_and_other_calls_go_on_in_a_new_one()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();
        var before = ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        var failure = ProcessSandbox.FailureOf(await sandbox.CallUnderAsync("never_return", null, patience.Token));

        Assert.Equal(FailureKind.Timeout, failure.Kind);
        Assert.Contains("replaced", failure.Message, StringComparison.Ordinal);
        Assert.NotEqual(before, ProcessSandbox.PidOf(await sandbox.CallAsync("nothing")));
        await sandbox.EndHostAsync();
        Assert.False(Runs(before));
    }

    [Fact]
    public async Task A_cancelled_call_ends_and_its_process_stays()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();
        var before = ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));
        using var source = new CancellationTokenSource();
        var logger = new FirstLine();
        var call = sandbox.CallUnderAsync("wait", ProcessSandbox.Context() with { Logger = logger }, source.Token);

        Assert.Equal("waiting", await logger.Line.WaitAsync(TestHost.Patience, Token));
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(before, ProcessSandbox.PidOf(await sandbox.CallAsync("nothing")));
    }

    [Fact]
    public async Task A_crash_fails_every_call_that_was_under_way()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();
        var logger = new FirstLine();
        var waiting = sandbox.CallAsync("wait", ProcessSandbox.Context() with { Logger = logger });
        await logger.Line.WaitAsync(TestHost.Patience, Token);

        await sandbox.CallAsync("fail_fast");

        Assert.Equal(ProcessKeeper.Crashed, ProcessSandbox.FailureOf(await waiting).Kind);
    }

    [Fact]
    public async Task A_failure_crosses_with_the_field_of_the_config_that_is_wrong()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        var failure = ProcessSandbox.FailureOf(await sandbox.CallAsync("no_such_deed"));

        Assert.Equal((FailureKind.Config, "do"), (failure.Kind, failure.ConfigPath));
    }

    [Fact]
    public async Task What_a_node_throws_crosses_as_text()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        var failure = ProcessSandbox.FailureOf(await sandbox.CallAsync("throw"));

        Assert.Equal(FailureKind.Defect, failure.Kind);
        Assert.Contains("threw an exception: no luck today", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_sent_by_the_host_s_client()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();
        using var http = new HttpClient(new Echo());

        var output = ProcessSandbox.OutputOf(await sandbox.Node("peril").RunAsync(
            """{"do":"send","url":"https://example.com/a"}"""u8.ToArray(), ProcessSandbox.Context() with { Http = http }, Token));

        Assert.Equal(202, output.GetProperty("number").GetInt32());
        Assert.Equal("POST https://example.com/a ping", output.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_call_brings_the_secrets_of_its_step_and_the_process_has_no_others()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        var output = ProcessSandbox.OutputOf(await sandbox.CallAsync(
            "environment", ProcessSandbox.Context() with { Secrets = new Dictionary<string, string> { ["named"] = "value" } }));

        var found = string.Concat(output.GetProperty("text").GetString()!.Reverse()).Split('\n');
        Assert.Equal(["secret named=value"], found.Where(line => line.StartsWith("secret ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Unloading_the_plugin_ends_its_process()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();
        var pid = ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));

        await sandbox.Host.UnloadAsync("Perils", Token);

        Assert.False(Runs(pid));
        Assert.Equal(PluginState.Unloaded, sandbox.Status.State);
    }

    [Fact]
    public async Task A_process_ends_with_the_host_that_started_it()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();
        var pid = ProcessSandbox.PidOf(await sandbox.CallAsync("nothing"));

        await sandbox.EndHostAsync();

        Assert.False(Runs(pid));
    }

    [Fact]
    public async Task A_program_that_can_t_be_started_rejects_the_plugin_and_names_the_setting()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync(ProcessSandbox.Settings with { Program = ["/there/is/no/such/program"] });

        Assert.Equal(PluginState.Rejected, sandbox.Status.State);
        Assert.Contains("Plugins:Isolation", sandbox.Status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_for_a_signal_and_what_the_signal_brings_cross_the_process_boundary()
    {
        await using var sandbox = await ProcessSandbox.WithPerilsAsync();

        var suspended = Assert.IsType<NodeResult.Suspended>(await sandbox.CallAsync("await_signal"));
        var woken = new NodeContext
        {
            RunId = "run",
            StepKey = "step",
            IdempotencyKey = "run:step",
            Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            Time = TimeProvider.System,
            Http = new HttpClient(),
            Responder = SilentResponder.Instance,
            Wake = new Wake(DateTimeOffset.UnixEpoch) { Signal = "approved", Payload = """{"by":"ada"}"""u8.ToArray() },
        };
        var output = ProcessSandbox.OutputOf(await sandbox.CallAsync("await_signal", woken));

        Assert.Equal((DateTimeOffset.MaxValue, "approved"), (suspended.Until, suspended.Signal));
        Assert.Equal("""approved {"by":"ada"}""", output.GetProperty("text").GetString());
    }

    private static bool Runs(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private sealed class Echo : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => new(System.Net.HttpStatusCode.Accepted)
        {
            Content = new StringContent($"{request.Method} {request.RequestUri} {await request.Content!.ReadAsStringAsync(cancellationToken)}"),
        };
    }
}
