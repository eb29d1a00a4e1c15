using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

public sealed class RunsCommandTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

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
}
