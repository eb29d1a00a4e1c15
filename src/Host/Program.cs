using Sluice.Engine.Plugins.Processes;
using Sluice.Host.Cli;

// Before the command line: a plugin process starts often and needs none of it.
if (args is [PluginProcessMain.Command, var entry, var socket])
{
    return await PluginProcessMain.RunAsync(entry, socket);
}

var exitCode = await SluiceCommand.RunAsync(args);
// Returning would wait for threads that a plugin started and left running.
Environment.Exit(exitCode);
return exitCode;
