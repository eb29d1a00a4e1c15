using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli.Reports;

/// <summary>The formats of <c>sluice check</c>, each from the same workflow with a wrong type in line 3.</summary>
public sealed class CheckReportTests
{
    private const string Wrong = "name: wrong\ntrigger: { type: webhook, config: { path: /wrong } }\nsteps: [ { key: end, type: stopp } ]\n";

    [Fact]
    public async Task Text_is_the_default()
    {
        var (exit, output, _) = await CheckAsync("text");

        Assert.Equal((1, (1, output, "")), (exit, await RunAsync(Wrong, ["check", "-"])));
        Assert.StartsWith("-:3:28: unknown-node: step end: There is no node 'stopp'. Did you mean 'stop'?", output, StringComparison.Ordinal);
        Assert.EndsWith("\n1 workflow checked, 1 problem.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_a_list_of_problems_by_either_option()
    {
        var (_, output, _) = await CheckAsync("json");

        Assert.Equal((1, output, ""), await RunAsync(Wrong, ["check", "-", "--json"]));
        var problem = Assert.Single(JsonElement.Parse(output).EnumerateArray());
        Assert.Equal(("-", "unknown-node", "end", 3, 28), (
            problem.Text("file"), problem.Text("rule"), problem.Text("step"), problem.GetProperty("line").GetInt32(), problem.GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task GitHub_is_a_workflow_command_for_each_problem()
    {
        var (exit, output, _) = await CheckAsync("github");

        Assert.Equal(1, exit);
        Assert.StartsWith("::error file=-,line=3,col=28,title=unknown-node::step end: There is no node 'stopp'.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GitHub_escapes_what_would_end_a_property()
    {
        var folder = Directory.CreateTempSubdirectory("sluice, 100%:");
        try
        {
            var file = Path.Combine(folder.FullName, "a.yaml");
            await File.WriteAllTextAsync(file, Wrong, TestContext.Current.CancellationToken);

            var (_, output, _) = await RunAsync("check", file, "--format", "github");

            Assert.StartsWith($"::error file={file.Replace("%", "%25").Replace(":", "%3A").Replace(",", "%2C")},line=3,", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Sarif_is_a_log_with_a_rule_a_place_and_a_message()
    {
        var (exit, output, _) = await CheckAsync("sarif");

        Assert.Equal(1, exit);
        var log = JsonElement.Parse(output);
        Assert.Equal("2.1.0", log.Text("version"));
        var run = Assert.Single(log.GetProperty("runs").EnumerateArray());
        var driver = run.GetProperty("tool").GetProperty("driver");
        Assert.Equal(("sluice", ProductVersionTests.Written), (driver.Text("name"), driver.Text("version")));
        Assert.Equal("unknown-node", Assert.Single(driver.GetProperty("rules").EnumerateArray()).Text("id"));
        var result = Assert.Single(run.GetProperty("results").EnumerateArray());
        Assert.Equal(("unknown-node", "error"), (result.Text("ruleId"), result.Text("level")));
        Assert.Contains("There is no node 'stopp'", result.GetProperty("message").Text("text"), StringComparison.Ordinal);
        var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal("-", place.GetProperty("artifactLocation").Text("uri"));
        Assert.Equal((3, 28), (place.GetProperty("region").GetProperty("startLine").GetInt32(), place.GetProperty("region").GetProperty("startColumn").GetInt32()));
    }

    [Fact]
    public async Task Sarif_of_a_directory_without_problems_has_no_results()
    {
        var (exit, output, error) = await RunAsync("check", "examples", "--format", "sarif");

        Assert.Equal((0, ""), (exit, error));
        Assert.Empty(JsonElement.Parse(output).GetProperty("runs")[0].GetProperty("results").EnumerateArray());
    }

    [Fact]
    public async Task Two_formats_at_once_are_wrong_usage()
    {
        var (exit, output, error) = await RunAsync(Wrong, ["check", "-", "--json", "--format", "sarif"]);

        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("--json conflicts with --format sarif. Use one of them.\n", error, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Output, string Error)> CheckAsync(string format) => RunAsync(Wrong, ["check", "-", "--format", format]);
}
