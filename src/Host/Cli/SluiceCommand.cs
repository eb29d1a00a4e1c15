using System.CommandLine;
using System.CommandLine.Completions;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Host.Cli.Completion;
using Sluice.Host.Cli.Dev;
using Sluice.Host.Cli.Output;
using Sluice.Host.Composition;
using Sluice.Host.Configuration;
using Sluice.Host.Documentation;

namespace Sluice.Host.Cli;

/// <summary>Builds and runs the command line. Exit codes: 0 success, 1 a problem with the input, 2 wrong usage.</summary>
internal static class SluiceCommand
{
    public const int Done = 0;
    public const int Wrong = 1;
    public const int Usage = 2;

    /// <summary>Creates every command.</summary>
    public static RootCommand Create(StopSignals signals)
    {
        var places = new PlaceOptions();
        var root = new RootCommand("Run durable workflows started by webhooks. Without a command, sluice runs the host.")
        {
            ServeCommand.Create(places, signals),
            CheckCommand.Create(places),
            RunCommand.Create(places),
            DevCommand.Create(places),
            PluginsCommand.Create(places),
            NodesCommand.Create(places),
            RunsCommand.Create(),
            RequestsCommand.Create(),
            RejectionsCommand.Create(),
            CompletionCommand.Create(),
        };
        root.Add(Reference(root));
        places.AddAllTo(root);
        root.SetAction((parsed, cancellationToken) => ServeCommand.RunAsync(places.Overrides(parsed), signals, cancellationToken));
        return root;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new StopSignals();
        var root = Create(signals);
        var result = root.Parse(args);
        // For completion, an incomplete command line is normal.
        var isSuggestion = root.Directives.OfType<SuggestDirective>().Any(directive => result.GetResult(directive) is not null);
        if (!isSuggestion && UsageCheck.IsGroupAlone(result))
        {
            await HelpAsync(root, result);
            return Usage;
        }

        if (!isSuggestion && UsageCheck.Problems(result) is { Count: > 0 } problems)
        {
            Report([.. problems, $"See `{UsageCheck.PathOf(result)} --help`."]);
            return Usage;
        }

        try
        {
            return await InvokeAsync(result, signals);
        }
        catch (Exception exception) when (exception is ConfigurationException or DataDirectoryException or StartException or CommandException)
        {
            Report(exception.Message.Split(Environment.NewLine));
            return Wrong;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A path that was given, or the disk: the message names it.
            Report([exception.Message]);
            return Wrong;
        }
    }

    private static Command Reference(RootCommand root)
    {
        var command = new Command("reference", "Print the reference of the command line as Markdown.") { Hidden = true };
        command.SetAction(_ =>
        {
            Console.Out.Write(CommandReference.Page(root));
            return Done;
        });
        return command;
    }

    private static void Report(IEnumerable<string> lines)
    {
        var terminal = Terminal.Error();
        foreach (var line in lines)
        {
            terminal.Line(Terminal.Clean(line));
        }
    }

    // The help was not requested, so it goes to standard error.
    private static Task<int> HelpAsync(RootCommand root, ParseResult result)
    {
        var path = UsageCheck.PathOf(result).Split(' ').Skip(1);
        return root.Parse([.. path, "--help"]).InvokeAsync(new InvocationConfiguration { Output = Console.Error });
    }

    private static async Task<int> InvokeAsync(ParseResult result, StopSignals signals)
    {
        // The default signal handling ends a command two seconds after a signal, whatever it is doing; a drain takes longer.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await result.InvokeAsync(configuration, signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return signals.ExitCode;
        }
    }
}

/// <summary>A problem with the input of a command; the message is for the user at the terminal.</summary>
internal sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
