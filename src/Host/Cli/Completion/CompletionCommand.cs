using System.CommandLine;

namespace Sluice.Host.Cli.Completion;

/// <summary><c>sluice completion SHELL</c>: prints a script that completes commands, options and their values in a shell.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"Your shell: {string.Join(", ", CompletionScripts.Shells)}" };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        var command = new Command("completion", "Print a completion script for a shell. Its first lines say how to load it.") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.Write(CompletionScripts.Of(parsed.GetValue(shell)!));
            return SluiceCommand.Done;
        });
        return command;
    }
}
