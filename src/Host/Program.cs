using Sluice.Engine.Plugins.Processes;
using Sluice.Host.Cli;

// Ahead of the command line: a plugin's process starts often and needs nothing of it.
return args is [PluginProcessMain.Command, var entry, var socket]
    ? await PluginProcessMain.RunAsync(entry, socket)
    : await SluiceCommand.RunAsync(args);
