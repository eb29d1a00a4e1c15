using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Verification;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>Takes a plugin's folder through every check to a version whose nodes can be called: read, copy, load, make the nodes, check their specs.</summary>
internal sealed class PluginInstaller(ShadowStore shadows, INodeCatalog catalog, PluginLock? locked, ILogger logger)
{
    /// <exception cref="PluginRejectedException">Whatever is wrong with it.</exception>
    public PluginVersion Install(string path)
    {
        try
        {
            var folder = PluginFolder.Read(path);
            if (FolderRules.Check(folder) is { IsEmpty: false } rejections)
            {
                throw new PluginRejectedException(rejections);
            }

            var (shadow, hash) = shadows.Place(folder);
            if (locked?.Refusal(folder.Name, hash) is { } refusal)
            {
                throw new PluginRejectedException([refusal]);
            }

            return Load(Path.Combine(shadow, folder.EntryName!), new PluginIdentity(folder.Name, folder.Entry!.Version, hash));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PluginRejectedException("unreadable", $"The folder can't be read or copied: {exception.Message} Check its permissions and the free space.");
        }
    }

    private PluginVersion Load(string entryPath, PluginIdentity identity)
    {
        PluginContext context;
        try
        {
            context = PluginContext.Load(entryPath);
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException or InvalidOperationException)
        {
            throw new PluginRejectedException("unloadable",
                $"{Path.GetFileName(entryPath)} can't be loaded: {exception.Message} Publish the plugin again, for any CPU.");
        }

        try
        {
            var leases = new Leases();
            return new PluginVersion(identity, context, leases, Nodes(identity, context, leases));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private ImmutableArray<PluginNode> Nodes(PluginIdentity identity, PluginContext context, Leases leases)
    {
        var nodes = NodeFactory.Create(context.Entry).Select(node => Describe(node, identity)).ToImmutableArray();
        foreach (var twice in nodes.GroupBy(node => node.Descriptor.Type).Where(group => group.Count() > 1))
        {
            throw new PluginRejectedException(
                "type-twice", $"{twice.Count()} node classes of the plugin have the type '{twice.Key}'. Give each a type identifier of its own.");
        }

        ImmutableArray<PluginNode> handles = [.. nodes.Select(node => new PluginNode(node.Descriptor, node.Instance, leases, catalog, logger))];
        return handles.SelectMany(ExampleProblems).ToImmutableArray() is { IsEmpty: false } rejections
            ? throw new PluginRejectedException(rejections)
            : handles;
    }

    // It warms the node as well: its code is compiled at its first call, which would else be a request's.
    private static IEnumerable<Rejection> ExampleProblems(PluginNode node) =>
        from example in node.Descriptor.Examples
        from problem in node.Check(Encoding.UTF8.GetBytes(example.Config))
        select new Rejection(
            "example",
            $"The example '{example.Summary}' of node '{node.Descriptor.Type}' is refused by the node itself: {problem.Path} {problem.Message}");

    private static (INode Instance, NodeDescriptor Descriptor) Describe(INode node, PluginIdentity plugin)
    {
        NodeSpec spec;
        try
        {
            spec = node.Spec;
        }
        catch (Exception exception)
        {
            throw new PluginRejectedException(
                "spec-throws", $"The spec of {node.GetType().FullName} can't be read: it threw {PluginFault.Of(exception).Text}.");
        }

        return (node, Describe(spec, plugin));
    }

    private static NodeDescriptor Describe(NodeSpec spec, PluginIdentity plugin)
    {
        if (SpecRules.Check(spec) is { IsEmpty: false } rejections)
        {
            throw new PluginRejectedException(rejections);
        }

        return new NodeDescriptor
        {
            Type = spec.Type,
            Name = spec.Name,
            Category = spec.Category,
            Summary = spec.Summary,
            Effect = spec.Effect,
            Ports = [.. spec.Ports],
            ConfigSchema = JsonElement.Parse(spec.ConfigSchema),
            OutputSchema = JsonElement.Parse(spec.OutputSchema),
            Examples = [.. spec.Examples],
            Plugin = plugin,
        };
    }
}
