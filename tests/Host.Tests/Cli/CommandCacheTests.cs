using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

/// <summary>What commands keep about plugins, seen from outside: it saves time and never changes what a command says about a workflow.</summary>
public sealed class CommandCacheTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-cache-");

    private string Kept => Path.Combine(_root.FullName, "sluice", "plugins");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_command_believes_what_an_earlier_one_found_about_the_same_plugins()
    {
        await CheckAsync("stop", "outcome: succeeded");
        var note = Directory.EnumerateFiles(Kept).Single(file => File.ReadAllText(file).Contains("\"logic_gate\"", StringComparison.Ordinal));
        var before = (await NodesAsync()).GetProperty("summary").GetString()!;
        await File.WriteAllTextAsync(note, (await File.ReadAllTextAsync(note, TestContext.Current.CancellationToken)).Replace(before, "Changed by the test.", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal("Changed by the test.", (await NodesAsync()).GetProperty("summary").GetString());
    }

    [Fact]
    public async Task A_check_finds_the_same_with_and_without_what_was_kept()
    {
        var first = await CheckAsync("switch", "value: 1, cases: { default: 1 }");
        var second = await CheckAsync("switch", "value: 1, cases: { default: 1 }");

        Assert.Equal(1, first.Exit);
        Assert.Contains("bad-config", first.Output, StringComparison.Ordinal);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_cache_directory_that_can_not_be_written_is_done_without()
    {
        await File.WriteAllTextAsync(Path.Combine(_root.FullName, "sluice"), "a file in the way", TestContext.Current.CancellationToken);

        var (exit, output, error) = await CheckAsync("stop", "outcome: succeeded");

        Assert.Equal((0, ""), (exit, error));
        Assert.StartsWith("1 ", output, StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task What_is_kept_is_the_users_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access control lists instead of modes.");
        await CheckAsync("stop", "outcome: succeeded");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Kept));
    }

    private Task<(int Exit, string Output, string Error)> CheckAsync(string type, string config) => RunAsync(
        $"name: cached\ntrigger: {{ type: webhook, config: {{ path: /cached }} }}\nsteps: [ {{ key: step, type: {type}, config: {{ {config} }} }} ]\n",
        ["check", "-"],
        [("XDG_CACHE_HOME", _root.FullName)]);

    private async Task<JsonElement> NodesAsync() => JsonElement.Parse((await RunAsync("", ["nodes", "logic_gate", "--json"], [("XDG_CACHE_HOME", _root.FullName)])).Output);
}
