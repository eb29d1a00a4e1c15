using System.Collections.Frozen;
using System.CommandLine;
using System.Text.Json;
using Sluice.Host.Api;
using Sluice.Host.Documentation;
using Spectre.Console;

namespace Sluice.Host.Cli;

/// <summary><c>sluice nodes [TYPE]</c>: the node catalogue; one node's documentation; all of it as Markdown files.</summary>
internal static class NodesCommand
{
    public static Command Create(PlaceOptions places)
    {
        var type = new Argument<string?>("TYPE") { Description = "A node's type identifier", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var docs = new Option<string?>("--write-docs") { Description = "Write a Markdown page for each node into this directory, and an index" };
        var command = new Command("nodes", "The node catalogue; with TYPE, one node's documentation.") { type, json, docs, places.Plugins };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var catalog = await LocalCatalog.LoadAsync(places.Overrides(parsed), types: FrozenSet<string>.Empty, cancellationToken);
            var nodes = PluginRoutes.NodeViews(catalog.Nodes);
            if (parsed.GetValue(docs) is { } directory)
            {
                NodePages.WriteAll(nodes, directory);
                return SluiceCommand.Done;
            }

            return parsed.GetValue(type) is { } wanted ? ShowOne(nodes, wanted, parsed.GetValue(json)) : ShowAll(nodes, parsed.GetValue(json));
        });
        return command;
    }

    private static int ShowAll(IReadOnlyList<NodeView> nodes, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(nodes, ApiJson.Readable.IReadOnlyListNodeView));
            return SluiceCommand.Done;
        }

        var table = RunPrinter.Table("type", "plugin", "summary");
        foreach (var node in nodes)
        {
            table.AddRow(RunPrinter.Escaped(node.Type, node.Plugin, node.Summary));
        }

        AnsiConsole.Write(table);
        return SluiceCommand.Done;
    }

    private static int ShowOne(IReadOnlyList<NodeView> nodes, string type, bool json)
    {
        var node = nodes.FirstOrDefault(node => node.Type == type)
            ?? throw new CommandException($"There is no node {type}. `sluice nodes` lists them.{Suggest(type, nodes)}");
        Console.WriteLine(json ? JsonSerializer.Serialize(node, ApiJson.Readable.NodeView) : NodePages.Page(node));
        return SluiceCommand.Done;
    }

    private static string Suggest(string type, IReadOnlyList<NodeView> nodes) =>
        Sluice.Engine.Text.DidYouMean.Closest(type, nodes.Select(node => node.Type)) is { } closest ? $" Did you mean {closest}?" : "";
}
