using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Plugins;

namespace Sluice.Host.Api;

/// <summary>The admin routes of plugins and nodes.</summary>
internal static class PluginRoutes
{
    public static void Map(IEndpointRouteBuilder api, PluginHost plugins)
    {
        api.MapGet("/plugins", () => Results.Json(PluginViews(plugins), ApiJson.Readable.IReadOnlyListPluginView))
            .WithName("listPlugins").WithSummary("List all plugin versions and rejected folders")
            .Produces<IReadOnlyList<PluginView>>();
        api.MapGet("/nodes", () => Results.Json(NodeViews(plugins.Catalog), ApiJson.Readable.IReadOnlyListNodeView))
            .WithName("listNodes").WithSummary("List the nodes with the JSON Schemas of their configs and outputs")
            .Produces<IReadOnlyList<NodeView>>();
    }

    public static IReadOnlyList<PluginView> PluginViews(PluginHost plugins) =>
    [
        .. plugins.Plugins.Select(status => new PluginView(
            status.Name, status.Version, status.Hash, status.State.ToString().ToLowerInvariant(), status.Reason, status.NodeTypes,
            status.Folder, status.IsInFolder, status.RunningCalls, status.WrittenOff,
            status.Isolation?.ToString().ToLowerInvariant(), status.Isolation is null ? [] : IsolationsOf(status.ProcessOnly), status.Pid, status.ProcessRestarts)),
    ];

    /// <summary>The isolations that a plugin can run in.</summary>
    /// <param name="processOnly">Why it can't run in the host; empty if it can.</param>
    public static IReadOnlyList<string> IsolationsOf(ImmutableArray<Rejection> processOnly) => processOnly.IsEmpty ? ["context", "process"] : ["process"];

    public static IReadOnlyList<NodeView> NodeViews(INodeCatalog nodes) => [.. nodes.Nodes.Select(Of)];

    private static NodeView Of(NodeDescriptor node) => new(
        node.Type,
        node.Name,
        node.Category,
        node.Summary,
        node.Plugin.Label,
        node.Effect.ToString().ToLowerInvariant(),
        node.OnRepeat,
        [.. node.Ports.Select(port => new PortView(port.Name, port.Description))],
        node.ConfigSchema,
        node.OutputSchema,
        [.. node.Examples.Select(example => new ExampleView(
            example.Summary, JsonElement.Parse(example.Config), example.Output is null ? null : JsonElement.Parse(example.Output), example.Port))]);
}
