using Sluice.Engine.Plugins.Processes;
using Sluice.Host.Cli;

// Ahead of the command line: a plugin's process starts often and needs nothing of it.
if (args is [PluginProcessMain.Command, var entry, var socket])
{
    return await PluginProcessMain.RunAsync(entry, socket);
}

var exitCode = await SluiceCommand.RunAsync(args);
// Returning would wait for threads that a plugin has started and left behind.
Environment.Exit(exitCode);
return exitCode;
