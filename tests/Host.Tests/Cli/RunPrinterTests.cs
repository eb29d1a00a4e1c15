using System.Text.Json;
using Sluice.Host.Api;
using Sluice.Host.Cli;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Tests.Cli;

/// <summary>What a run looks like in a terminal and in a pipe.</summary>
public sealed class RunPrinterTests
{
    private static readonly DateTimeOffset Started = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly string Long = new('x', 200);

    [Fact]
    public void A_run_shows_status_times_reply_error_and_steps() => Assert.Equal(
        """
        Run run-1
          workflow  orders, version 3
          status    failed
          trigger   webhook POST /orders
          started   2026-01-02 03:04:05.000Z
          finished  2026-01-02 03:04:06.500Z, after 1.5 s
          error     timeout: The server did not respond. (retryable)
          reply     200, sent after 20 ms
                    content-type: application/json
                    {"ok":true}

        Steps
          check  logic_gate  succeeded  -> true             +1 ms   took 0.4 ms     {"matched":[1]}
          fetch  http        failed              attempt 2  +30 ms  took 1400.0 ms  timeout: The server did not respond.
          warning: A second reply was ignored.

        """,
        Print(width: null, output: """{"matched":[1]}"""));

    [Fact]
    public void On_a_terminal_an_output_ends_at_the_edge_and_an_error_is_whole()
    {
        var lines = Print(width: 100, output: $"\"{Long}\"").Split('\n');

        var step = Assert.Single(lines, line => line.Contains("logic_gate", StringComparison.Ordinal));
        Assert.EndsWith("xxx…", step, StringComparison.Ordinal);
        Assert.Equal(100, step.Length);
        Assert.Contains(lines, line => line.EndsWith("timeout: The server did not respond.", StringComparison.Ordinal));
    }

    [Fact]
    public void In_a_pipe_an_output_is_whole() => Assert.Contains(Long, Print(width: null, output: $"\"{Long}\""), StringComparison.Ordinal);

    [Fact]
    public void What_a_caller_sent_does_not_control_the_terminal() =>
        Assert.DoesNotContain('\e', Print(width: 100, output: "1", replyBody: "\e[2J\e]0;title\a"));

    [Theory]
    [InlineData(100)]
    [InlineData(null)]
    public void A_large_output_is_shown_by_its_size_with_the_command_that_prints_it(int? width)
    {
        var lines = Print(width, output: null, outputBytes: 1_048_600).Split('\n');

        Assert.EndsWith("1,048,600 bytes", Assert.Single(lines, line => line.Contains("logic_gate", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("Large outputs are not shown. To print one: sluice runs output run-1 check", lines);
    }

    private static string Print(int? width, string? output, string replyBody = """{"ok":true}""", long? outputBytes = null)
    {
        var text = new StringWriter { NewLine = "\n" };
        var failure = new FailureView("timeout", "The server did not respond.", Retryable: true);
        new RunPrinter(new Terminal(text, hasColour: false, width)).Print(new RunView(
            "run-1", "orders", 3, "failed", JsonElement.Parse("""{"type":"webhook","method":"POST","path":"/orders","body":null}"""),
            Started, Started.AddSeconds(1.5), failure, null,
            new ReplyView(200, new Dictionary<string, string> { ["content-type"] = "application/json" }, replyBody, Started.AddMilliseconds(20)),
            [
                new StepView("check", "logic_gate", "succeeded", 1, "true", output is null ? null : JsonElement.Parse(output), outputBytes, null, Started.AddMilliseconds(1), 0.4, null, null),
                new StepView("fetch", "http", "failed", 2, null, null, null, failure, Started.AddMilliseconds(30), 1400, null, null),
            ],
            ["A second reply was ignored."]));
        return text.ToString();
    }
}
