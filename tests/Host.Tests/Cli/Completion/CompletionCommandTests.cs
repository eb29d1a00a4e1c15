using System.Diagnostics;
using Sluice.Host.Cli.Completion;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli.Completion;

/// <summary>Shell completion: what the program suggests, and that a real shell takes the script.</summary>
public sealed class CompletionCommandTests
{
    public static TheoryData<string> Shells => [.. CompletionScripts.Shells];

    [Theory]
    [InlineData("sluice che", "check")]
    [InlineData("sluice runs re", "retry")]
    [InlineData("sluice check a.yaml --form", "--format")]
    [InlineData("sluice check --format sa", "sarif")]
    [InlineData("sluice runs list --status quar", "quarantined")]
    [InlineData("sluice completion fi", "fish")]
    public async Task The_program_suggests_what_a_shell_asks_for(string line, string suggestion)
    {
        var (exit, output, error) = await RunAsync($"[suggest:{line.Length}]", line);

        Assert.Equal((0, ""), (exit, error));
        Assert.Contains(suggestion, output.Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Every_shell_has_a_script(string shell)
    {
        var (exit, output, error) = await RunAsync("completion", shell);

        Assert.Equal((0, CompletionScripts.Of(shell), ""), (exit, output, error));
    }

    [Fact]
    public async Task An_unknown_shell_is_wrong_usage_with_the_shells_there_are()
    {
        var (exit, _, error) = await RunAsync("completion", "csh");

        Assert.Equal(2, exit);
        Assert.All(CompletionScripts.Shells, shell => Assert.Contains($"'{shell}'", error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bash", "-n")]
    [InlineData("zsh", "-n")]
    [InlineData("fish", "--no-execute")]
    public async Task A_shell_can_read_its_script(string shell, string option)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, CompletionScripts.Of(shell), TestContext.Current.CancellationToken);

            Assert.Equal((0, "", ""), await ShellAsync(shell, option, file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Bash_completes_with_the_script()
    {
        // What bash does when Tab is pressed behind "sluice check --format sa": the variables, then the function with the command and the word.
        var script = $$"""
            sluice() { dotnet '{{SluiceProgram.Program}}' "$@"; }
            source <(sluice completion bash)
            COMP_LINE='sluice check --format sa'; COMP_POINT=${#COMP_LINE}
            _sluice sluice sa --format
            echo "${COMPREPLY[@]}"
            """;

        Assert.Equal((0, "sarif\n", ""), await ShellAsync("bash", "-c", script));
    }

    private static async Task<(int Exit, string Output, string Error)> ShellAsync(string shell, params string[] arguments)
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, shell))), $"{shell} is not installed.");
        using var process = Process.Start(new ProcessStartInfo(shell, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
