using System.CommandLine;
using System.CommandLine.Parsing;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary><c>sluice plugins</c>: lists the plugins of a directory, and which of them can be loaded.</summary>
internal static class PluginsCommand
{
    public static Command Create(PlaceOptions places) => new("plugins", "List, verify, install and remove plugins.")
    {
        List(places),
        Verify(places),
        LeakCommand.Create(),
        PluginChangeCommands.Add(places),
        PluginChangeCommands.Remove(places),
        PluginChangeCommands.Lock(places),
    };

    private static Command List(PlaceOptions places)
    {
        var host = new HostConnection();
        var url = new Option<string?>(host.Url.Name) { Description = "Ask this running host; if omitted, the plugins directory is read", HelpName = "URL" };
        var json = JsonOption.Create();
        var command = new Command("list", "List the plugins with their state.") { url, host.Key, json, places.Plugins };
        command.Validators.Add(result =>
        {
            if (IsGiven(result, url) && IsGiven(result, places.Plugins))
            {
                result.AddError("--plugins conflicts with --url: a running host has its own plugins directory. Use one of them.");
            }
            else if (!IsGiven(result, url) && IsGiven(result, host.Key))
            {
                result.AddError("--api-key needs --url: without it, no host is asked.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plugins = parsed.GetValue(url) is { } address
                ? await AskAsync(host.Open(parsed, address), cancellationToken)
                : await ReadAsync(LocalCatalog.LoadAsync(places.Overrides(parsed), cancellationToken));
            Print(plugins, parsed.GetValue(json));
            return SluiceCommand.Done;
        });
        return command;
    }

    private static bool IsGiven(SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

    // DIR is the folder of one plugin; the host's other plugins are not read.
    private static Command Verify(PlaceOptions places)
    {
        var directory = new Argument<string>("DIR") { Description = "Folder of one plugin" };
        var json = JsonOption.Create();
        var command = new Command("verify", "Check whether a host would load a plugin folder, and in which isolation it can run.") { directory, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new DirectoryInfo(parsed.GetValue(directory)!);
            if (!folder.Exists)
            {
                throw new CommandException($"There is no folder {folder.FullName}. Name the folder of one plugin.");
            }

            var plugins = (await ReadAsync(LocalCatalog.LoadOneAsync(folder, HostConfiguration.ReadAlone(places.Overrides(parsed)).Plugins, cancellationToken))).ToArray();
            Print(plugins, parsed.GetValue(json));
            if (!parsed.GetValue(json) && plugins is [{ State: "active" } plugin])
            {
                Terminal.Output().Line(Terminal.CleanLine($"{plugin.Folder}: can run with isolation {string.Join(" or ", plugin.Isolations)}."));
            }

            return plugins.All(plugin => plugin.State == "active") ? SluiceCommand.Done : SluiceCommand.Wrong;
        });
        return command;
    }

    private static async Task<IReadOnlyList<PluginView>> AskAsync(AdminClient host, CancellationToken cancellationToken)
    {
        using var client = host;
        return await client.GetAsync("api/plugins", ApiJson.Readable.IReadOnlyListPluginView, cancellationToken);
    }

    private static async Task<IReadOnlyList<PluginView>> ReadAsync(Task<LocalCatalog> loading)
    {
        await using var catalog = await loading;
        return PluginRoutes.PluginViews(catalog.Plugins);
    }

    private static string IsolationOf(PluginView plugin) => plugin.Pid is { } pid ? $"{plugin.Isolation} {pid}" : plugin.Isolation ?? "";

    private static void Print(IReadOnlyList<PluginView> plugins, bool json)
    {
        if (json)
        {
            JsonOption.Print(plugins, ApiJson.Readable.IReadOnlyListPluginView);
            return;
        }

        var terminal = Terminal.Output();
        terminal.Table(
            ["plugin", "version", "hash", "state", "isolation", "folder", "nodes"],
            plugins.Select(plugin => (Cell[])
            [
                new Cell(plugin.Name, Style.Strong), plugin.Version, plugin.Hash?[..12], new Cell(plugin.State, RunPrinter.StyleOf(plugin.State)),
                IsolationOf(plugin), plugin.Folder, string.Join(", ", plugin.Nodes),
            ]));
        foreach (var plugin in plugins.Where(plugin => plugin.Reason is not null))
        {
            terminal.Line($"{Terminal.CleanLine(plugin.Folder)}: {terminal.Paint(Terminal.CleanLine(plugin.Reason!), Style.Bad)}");
        }
    }
}
