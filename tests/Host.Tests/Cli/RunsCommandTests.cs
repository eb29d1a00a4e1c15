using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

public sealed class RunsCommandTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("http://unix:/run/sluice.sock;http://*:{0}")]
    [InlineData("http://0.0.0.0:{0}")]
    public async Task Without_url_a_command_finds_the_host_through_the_addresses_that_it_listens_on(string urls)
    {
        var list = await ListAsync(urls.Replace("{0}", $"{new Uri(Host.AdminAddress).Port}", StringComparison.Ordinal));

        Assert.Equal((0, ""), (list.Exit, list.Error));
    }

    [Fact]
    public async Task A_host_that_listens_on_a_unix_socket_alone_is_told_with_the_cure()
    {
        var list = await ListAsync("http://unix:/run/sluice.sock");

        Assert.Equal(1, list.Exit);
        Assert.Contains("SLUICE__ADMIN__URLS is http://unix:/run/sluice.sock. Commands cannot connect to a Unix socket: ", list.Error, StringComparison.Ordinal);
        Assert.Contains("--url", list.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_listed_shown_cancelled_and_retried_from_the_command_line()
    {
        await Host.PublishAsync("from-cli", "  - { key: pause, type: probe, config: { do: suspend, value: 3600000 } }");
        var answer = await Host.PostAsync("/hooks/from-cli");
        await Host.WhenAsync(answer.RunId, run => run.Status() == "suspended");

        var list = await RunAsync("runs", "list", "--workflow", "from-cli", "--json", "--url", Host.AdminAddress);
        var show = await RunAsync("runs", "show", answer.RunId!, "--url", Host.AdminAddress);
        var cancel = await RunAsync("runs", "cancel", answer.RunId!, "--url", Host.AdminAddress);
        var again = await RunAsync("runs", "cancel", answer.RunId!, "--url", Host.AdminAddress);
        var retry = await RunAsync("runs", "retry", answer.RunId!, "--url", Host.AdminAddress);

        Assert.Equal((0, 0, 0, 1, 0), (list.Exit, show.Exit, cancel.Exit, again.Exit, retry.Exit));
        Assert.Equal(answer.RunId, Assert.Single(JsonElement.Parse(list.Output).EnumerateArray()).Text("id"));
        Assert.Contains("workflow  from-cli, version 1\n  status    suspended\n", show.Output, StringComparison.Ordinal);
        Assert.Matches("pause +probe +suspended ", show.Output);
        Assert.Contains("ended already: cancelled", again.Error, StringComparison.Ordinal);
        await Host.CancelAsync(Guid.Parse(answer.RunId!));
    }

    [Fact]
    public async Task A_large_output_is_shown_by_its_size_and_printed_by_a_command_of_its_own()
    {
        await Host.PublishAsync("large-cli", "  - { key: kept, type: set, config: { values: { text: \"{{ 'ü'.repeat(200000) }}\" } } }");
        var answer = await Host.PostAsync("/hooks/large-cli");
        await Host.EndOfAsync(answer);

        var show = await RunAsync("runs", "show", answer.RunId!, "--url", Host.AdminAddress);
        var output = await RunAsync("runs", "output", answer.RunId!, "kept", "--url", Host.AdminAddress);
        var none = await RunAsync("runs", "output", answer.RunId!, "other", "--url", Host.AdminAddress);

        Assert.Contains("400,011 bytes", show.Output, StringComparison.Ordinal);
        Assert.Contains($"sluice runs output {answer.RunId} kept", show.Output, StringComparison.Ordinal);
        Assert.Equal((0, $$"""{"text":"{{new string('ü', 200_000)}}"}"""), (output.Exit, output.Output));
        Assert.Equal((1, ""), (none.Exit, none.Output));
        Assert.Contains("no output of a step other", none.Error, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Output, string Error)> ListAsync(string urls) => RunAsync("", ["runs", "list", "--limit", "1"], [("SLUICE__ADMIN__URLS", urls)]);
}
