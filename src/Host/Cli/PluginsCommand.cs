using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Sluice.Host.Api;
using Sluice.Host.Configuration;
using Spectre.Console;

namespace Sluice.Host.Cli;

/// <summary><c>sluice plugins</c>: what is in a plugins directory, and what of it can be loaded.</summary>
internal static class PluginsCommand
{
    public static Command Create(PlaceOptions places) => new("plugins", "The plugins.")
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
        var url = new Option<string?>("--url") { Description = "Ask this running host; without it the plugins directory is read" };
        var key = AdminClient.KeyOption();
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("list", "List the plugins with state and reason.") { url, key, json, places.Plugins };
        command.Validators.Add(result =>
        {
            if (IsGiven(result, url) && IsGiven(result, places.Plugins))
            {
                result.AddError("--plugins is read without --url only: a running host has a directory of its own.");
            }
            else if (!IsGiven(result, url) && IsGiven(result, key))
            {
                result.AddError("--api-key is read with --url only: without it no host is asked.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plugins = parsed.GetValue(url) is { } address
                ? await AskAsync(address, parsed.GetValue(key), cancellationToken)
                : await ReadAsync(LocalCatalog.LoadAsync(places.Overrides(parsed), cancellationToken));
            Print(plugins, parsed.GetValue(json));
            return SluiceCommand.Done;
        });
        return command;
    }

    private static bool IsGiven(SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

    // DIR is one plugin's folder; the other plugins of the host are not looked at.
    private static Command Verify(PlaceOptions places)
    {
        var directory = new Argument<string>("DIR") { Description = "A plugin's folder" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("verify", "Say whether a plugin's folder would be loaded and where it can run, and if not, why.") { directory, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = new DirectoryInfo(parsed.GetValue(directory)!);
            if (!folder.Exists)
            {
                throw new CommandException($"There is no folder {folder.FullName}.");
            }

            var plugins = (await ReadAsync(LocalCatalog.LoadOneAsync(folder, HostConfiguration.ReadAlone(places.Overrides(parsed)).Plugins, cancellationToken))).ToArray();
            Print(plugins, parsed.GetValue(json));
            if (!parsed.GetValue(json) && plugins is [{ State: "active" } plugin])
            {
                Console.WriteLine($"{plugin.Folder}: can run with isolation {string.Join(" or ", plugin.Isolations)}.");
            }

            return plugins.All(plugin => plugin.State == "active") ? SluiceCommand.Done : SluiceCommand.Wrong;
        });
        return command;
    }

    private static async Task<IReadOnlyList<PluginView>> AskAsync(string url, string? key, CancellationToken cancellationToken)
    {
        using var client = new AdminClient(url, key);
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
            Console.WriteLine(JsonSerializer.Serialize(plugins, ApiJson.Readable.IReadOnlyListPluginView));
            return;
        }

        var table = RunPrinter.Table("plugin", "version", "hash", "state", "isolation", "folder", "nodes");
        foreach (var plugin in plugins)
        {
            table.AddRow(RunPrinter.Escaped(plugin.Name, plugin.Version ?? "", plugin.Hash?[..12] ?? "", plugin.State, IsolationOf(plugin), plugin.Folder, string.Join(", ", plugin.Nodes)));
        }

        AnsiConsole.Write(table);
        foreach (var plugin in plugins.Where(plugin => plugin.Reason is not null))
        {
            Console.WriteLine($"{plugin.Folder}: {plugin.Reason}");
        }
    }
}
