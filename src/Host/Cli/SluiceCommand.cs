using System.CommandLine;
using System.CommandLine.Parsing;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Text;
using Sluice.Host.Cli.Dev;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary>The command line, whole. Exit codes: 0 done, 1 something is wrong with what was given, 2 wrong usage.</summary>
internal static class SluiceCommand
{
    public const int Done = 0;
    public const int Wrong = 1;
    public const int Usage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        using var interruption = new Interruption();
        var places = new PlaceOptions();
        var root = new RootCommand("Sluice, a workflow engine for webhooks. Without a command it serves.")
        {
            ServeCommand.Create(places, interruption),
            CheckCommand.Create(places),
            RunCommand.Create(places),
            DevCommand.Create(places),
            PluginsCommand.Create(places),
            NodesCommand.Create(places),
            RunsCommand.Create(),
            RequestsCommand.Create(),
            RefusalsCommand.Create(),
        };
        places.AddAllTo(root);
        root.SetAction((parsed, cancellationToken) => ServeCommand.RunAsync(places.Overrides(parsed), interruption, cancellationToken));

        var result = root.Parse(args);
        string[] wrong = [.. result.Errors.Select(error => Explain(error, result)), .. Misplaced(result), .. Unknown(result)];
        if (wrong.Length > 0)
        {
            foreach (var line in wrong)
            {
                await Console.Error.WriteLineAsync(line);
            }

            await Console.Error.WriteLineAsync("`sluice --help` shows the commands and their options.");
            return Usage;
        }

        try
        {
            return await InvokeAsync(result, interruption);
        }
        catch (Exception exception) when (exception is ConfigurationException or DataDirectoryException or StartException or CommandException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Wrong;
        }
    }

    private static async Task<int> InvokeAsync(ParseResult result, Interruption interruption)
    {
        // The command line's own handling of signals ends a command two seconds after one, whatever it is doing: a drain takes longer.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await result.InvokeAsync(configuration, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return interruption.ExitCode;
        }
    }

    private static string Explain(ParseError error, ParseResult result) =>
        result.UnmatchedTokens.FirstOrDefault(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)) is { } token
            ? error.Message + Hint(token, result.CommandResult.Command)
            : error.Message;

    private static string Hint(string token, Command command) => DidYouMean.Hint(token, token is ['-', ..]
        ? command.Options.SelectMany(option => option.Aliases.Append(option.Name))
        : command.Subcommands.Select(inner => inner.Name));

    // The parser takes an option that it does not know for a value where a value may stand. Behind `--` everything is one.
    private static IEnumerable<string> Unknown(ParseResult result) => result.Tokens.Any(token => token.Type == TokenType.DoubleDash)
        ? []
        : result.CommandResult.Children.SelectMany(given => given.Tokens)
            .Where(token => token is { Type: TokenType.Argument, Value: ['-', _, ..] })
            .Select(token => $"There is no option '{token.Value}'.{Hint(token.Value, result.CommandResult.Command)}");

    // An option of the program itself, given ahead of a command that does not read it.
    private static IEnumerable<string> Misplaced(ParseResult result)
    {
        var command = result.CommandResult.Command;
        for (var outer = result.CommandResult.Parent; outer is CommandResult { Children: var children }; outer = outer.Parent)
        {
            foreach (var option in children.OfType<OptionResult>().Where(option => !option.Implicit && !option.Option.Recursive && !command.Options.Contains(option.Option)))
            {
                yield return $"{option.Option.Name} is no option of `sluice {command.Name}`.";
            }
        }
    }
}

/// <summary>What was given can't be used; the message is for the person at the terminal.</summary>
internal sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
