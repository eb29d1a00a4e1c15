using System.Collections.Frozen;
using System.CommandLine;
using Sluice.Engine.Text;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;
using Sluice.Host.Documentation;

namespace Sluice.Host.Cli;

/// <summary><c>sluice nodes [TYPE]</c>: prints the node catalogue or the page of one node, or writes all pages as Markdown files.</summary>
internal static class NodesCommand
{
    public static Command Create(PlaceOptions places)
    {
        var type = new Argument<string?>("TYPE") { Description = "Type of the node to describe, such as webhook_response", Arity = ArgumentArity.ZeroOrOne };
        var json = JsonOption.Create();
        var docs = new Option<string?>("--write-docs") { Description = "Write one Markdown page per node and an index into this directory", HelpName = "DIR" };
        var command = new Command("nodes", "List the installed nodes, or describe one.") { type, json, docs, places.Plugins };
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
            JsonOption.Print(nodes, ApiJson.Readable.IReadOnlyListNodeView);
        }
        else
        {
            Terminal.Output().Table(["type", "plugin", "summary"], nodes.Select(node => (Cell[])[new Cell(node.Type, Style.Strong), node.Plugin, node.Summary]));
        }

        return SluiceCommand.Done;
    }

    private static int ShowOne(IReadOnlyList<NodeView> nodes, string type, bool json)
    {
        var node = nodes.FirstOrDefault(node => node.Type == type)
            ?? throw new CommandException($"There is no node '{type}'.{DidYouMean.Hint(type, nodes.Select(node => node.Type))} `sluice nodes` lists the nodes.");
        if (json)
        {
            JsonOption.Print(node, ApiJson.Readable.NodeView);
        }
        else
        {
            new NodePage(Terminal.Output()).Print(node);
        }

        return SluiceCommand.Done;
    }
}
