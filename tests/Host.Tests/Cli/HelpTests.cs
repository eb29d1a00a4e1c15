using System.CommandLine;
using Sluice.Host.Cli;
using Sluice.Host.Documentation;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

/// <summary>The help of every command as a text file, and the reference that is generated from the commands.</summary>
public sealed class HelpTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot, "tests", "cases", "cli");

    public static TheoryData<string> Commands
    {
        get
        {
            using var signals = new StopSignals();
            return [.. PathsOf(SluiceCommand.Create(signals), "sluice")];
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_of_a_command_is_the_one_on_file(string command)
    {
        var file = FileOf(command);

        Assert.True(File.Exists(file), $"There is no {file}. Write it with `{command} --help` and read it.");
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), await HelpAsync(command));
    }

    [Fact]
    public void Every_file_is_the_help_of_a_command() => Assert.Equal(
        Commands.Select(command => FileOf(command.Data)).Order(StringComparer.Ordinal), Directory.EnumerateFiles(Folder, "*.txt").Order(StringComparer.Ordinal));

    [Fact]
    public async Task The_program_prints_the_help_on_file()
    {
        var (exit, output, error) = await RunAsync("runs", "list", "--help");

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(await File.ReadAllTextAsync(FileOf("sluice runs list"), TestContext.Current.CancellationToken), output);
    }

    [Fact]
    public async Task The_reference_is_generated_from_the_commands()
    {
        using var signals = new StopSignals();
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot, "docs", "reference", "cli.md"), TestContext.Current.CancellationToken);

        Assert.True(
            CommandReference.Page(SluiceCommand.Create(signals)) == page, "docs/reference/cli.md is out of date. Write it with `sluice reference > docs/reference/cli.md`.");
    }

    [Theory]
    [InlineData("runs")]
    [InlineData("plugins")]
    public async Task A_group_called_alone_shows_its_help_and_exits_2(string group)
    {
        var (exit, output, error) = await RunAsync(group);

        Assert.Equal((2, ""), (exit, output));
        Assert.Equal(await File.ReadAllTextAsync(FileOf($"sluice {group}"), TestContext.Current.CancellationToken), error);
    }

    [Fact]
    public void Every_command_that_prints_data_prints_it_as_json_too()
    {
        using var signals = new StopSignals();
        string[] without = [.. Leaves(SluiceCommand.Create(signals)).Where(leaf => leaf.Options.All(option => option.Name != "--json")).Select(leaf => leaf.Name)];

        // These run until they are ended, print what is no data, or print JSON in any case.
        Assert.Equal(["serve", "dev", "output", "completion"], without);
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.Where(inner => !inner.Hidden).SelectMany(Leaves);

    private static IEnumerable<string> PathsOf(Command command, string path) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => PathsOf(inner, $"{path} {inner.Name}")).Prepend(path);

    private static string FileOf(string command) => Path.Combine(Folder, $"{command.Replace(' ', '-')}.txt");

    // The parser names the program after the process, which is a test's here.
    private static async Task<string> HelpAsync(string command)
    {
        using var signals = new StopSignals();
        var output = new StringWriter { NewLine = "\n" };
        await SluiceCommand.Create(signals).Parse([.. command.Split(' ').Skip(1), "--help"])
            .InvokeAsync(new InvocationConfiguration { Output = output }, TestContext.Current.CancellationToken);
        return output.ToString().Replace(RootCommand.ExecutableName, "sluice", StringComparison.Ordinal);
    }
}
