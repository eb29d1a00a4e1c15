using System.CommandLine;
using Sluice.Engine.Journal.Sqlite;
using Sluice.Host.Cli.Dev;
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
        var places = new PlaceOptions();
        var root = new RootCommand("Sluice, a workflow engine for webhooks. Without a command it serves.")
        {
            ServeCommand.Create(places),
            CheckCommand.Create(places),
            RunCommand.Create(places),
            DevCommand.Create(places),
            PluginsCommand.Create(places),
            NodesCommand.Create(places),
            RunsCommand.Create(),
            RequestsCommand.Create(),
            RefusalsCommand.Create(),
        };
        places.AddTo(root);
        root.SetAction((parsed, cancellationToken) => ServeCommand.RunAsync(places.Overrides(parsed), cancellationToken));

        var result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("`sluice --help` shows the commands and their options.");
            return Usage;
        }

        try
        {
            return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception exception) when (exception is ConfigurationException or DataDirectoryException or CommandException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return Wrong;
        }
    }
}

/// <summary>What was given can't be used; the message is for the person at the terminal.</summary>
internal sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
