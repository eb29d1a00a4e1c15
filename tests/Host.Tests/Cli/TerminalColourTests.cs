using System.Diagnostics;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

/// <summary>The program in a pseudo-terminal, which <c>script</c> of util-linux makes: colour only there, and only if it is wanted.</summary>
public sealed class TerminalColourTests
{
    private const string Escape = "\e[";

    [Fact]
    public async Task A_terminal_gets_colour()
    {
        Assert.Contains(Escape, await InTerminalAsync("check examples/payment-received.yaml", ""), StringComparison.Ordinal);
        Assert.Contains(Escape, await InTerminalAsync("nodes", ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_COLOR=1")]
    [InlineData("TERM=dumb")]
    public async Task A_terminal_that_wants_none_gets_none(string variable)
    {
        var output = await InTerminalAsync("nodes logic_gate", variable);

        Assert.DoesNotContain("\e[3", output, StringComparison.Ordinal);
        Assert.Contains("logic_gate", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_gets_one_line_per_row_and_no_colour()
    {
        var (exit, output, error) = await RunAsync("", ["nodes"], [("NO_COLOR", "")]);
        var (_, json, _) = await RunAsync("nodes", "--json");

        Assert.Equal((0, ""), (exit, error));
        Assert.DoesNotContain(Escape, output, StringComparison.Ordinal);
        var types = System.Text.Json.JsonElement.Parse(json).EnumerateArray().Select(node => node.Text("type")!);
        Assert.Equal(types.Prepend("type"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));
    }

    // A width of 60 columns, so that a summary does not fit.
    private static async Task<string> InTerminalAsync(string command, string variable)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script (util-linux) is not installed.");
        var inner = $"stty cols 60; unset NO_COLOR; TERM=xterm {variable} dotnet '{SluiceProgram.Program}' {command}";
        var start = new ProcessStartInfo("/usr/bin/script", ["--quiet", "--return", "--command", inner, "/dev/null"])
        {
            WorkingDirectory = RepositoryRoot,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(AppContext.BaseDirectory, "cache");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
